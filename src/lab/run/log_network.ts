import type { TrainingData } from '../../data/training_data.ts';
import { findLastSpatialLayer } from '../../inspect/grad_cam.ts';
import { Conv2d } from '../../nn/layers/conv2d.ts';
import { ImageClassifier } from '../../nn/models/image_classifier.ts';
import type { Module } from '../../nn/module.ts';
import type { Evaluation } from '../../train/evaluation.ts';
import type { TrainingLog } from '../log/training_log.ts';
import { confusionMatrix, type Figure, filterGrid } from '../plots/index.ts';
import { explain, explanationFigure } from './explanation.ts';

/** A network that was trained and tested. */
export interface LoggedNetwork {
  name: string;
  model: Module;
  data: TrainingData;
  evaluation: Evaluation;
}

/** Shows a log a network: its confusion matrix, its first filters, and where it looks in test images; the last two where it has them. */
export async function logNetwork(log: TrainingLog, { name, model, data, evaluation }: LoggedNetwork): Promise<void> {
  const { classNames } = data;
  log.image('confusion matrix', confusionOf(evaluation, classNames).png);
  const first = model.namedModules().find(([, module]) => module instanceof Conv2d)?.[1] as Conv2d | undefined;
  const shape = first?.weight.shape as [number, number, number, number] | undefined;
  // Of one or three channels: pixels.
  if (first && shape && (shape[2] === 1 || shape[2] === 3)) {
    log.image('first filters', filterGrid({ weights: await first.weight.data(), shape }).png);
  }
  if (!(model instanceof ImageClassifier) || findLastSpatialLayer(model) === undefined) return;
  log.image('Grad-CAM', explanationFigure(await explain({ data, name, model, evaluation }), classNames).png);
}

/** The confusion matrix of a test. */
export function confusionOf({ metrics, targets }: Evaluation, classNames: readonly string[]): Figure {
  const title = `Confusion matrix on ${targets.length} test images`;
  return confusionMatrix({ classNames, matrix: metrics.confusion, title });
}
