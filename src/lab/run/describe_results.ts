import type { ImageDataset } from '../../data/image_dataset.ts';
import type { LongTailedData } from '../../data/training_data.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { DatasetResults, TrainingResults } from './lab_results.ts';
import type { Repetition } from './trained_model.ts';

/** A training as results.json holds it. */
export function describeTraining(trained: Repetition): TrainingResults {
  const { key, recipe, variant, ownData, size, history, evaluation } = trained;
  return {
    name: key.replace(/-[0-9a-f]{8}$/, ''),
    recipe,
    variant: variant ?? null,
    ownData,
    ...size,
    history,
    test: {
      loss: evaluation.loss,
      ...evaluation.metrics,
      perClass: evaluation.metrics.perClass.map((scores) => ({ ...scores })),
    },
  };
}

/** A data set and what of it is used, as results.json holds it. */
export function describeData(dataset: ImageDataset, data: LongTailedData): DatasetResults {
  return {
    name: dataset.name,
    source: dataset.source,
    classNames: [...dataset.classNames],
    trainingImages: dataset.train.labels.length,
    testImages: dataset.test.labels.length,
    trainingCounts: [...data.counts],
    measuredRatio: data.tail.measuredRatio,
    tested: data.test.count,
  };
}

/** The adapter, in a line for the person watching. */
export function adapterLine({ adapter }: Gpu): string {
  return `Adapter: ${adapter.description || adapter.device}${adapter.software ? ' (software: no GPU is used)' : ''}`;
}
