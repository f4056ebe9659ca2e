import type { Gpu } from '../../runtime/gpu.ts';
import type { InitOptions } from '../init.ts';
import { CosineLinear } from '../layers/cosine_linear.ts';
import { Linear } from '../layers/linear.ts';
import type { ClassifierOptions } from './image_classifier.ts';

/** The layer of a classifier that gives the logits: [N, features] → [N, classes]. */
export function lastLayer(
  gpu: Gpu,
  features: number,
  classes: number,
  { classifier = 'linear', classifierScale }: Pick<ClassifierOptions, 'classifier' | 'classifierScale'>,
  init: InitOptions,
): Linear {
  if (classifier === 'linear') return new Linear(gpu, features, classes, init);
  return new CosineLinear(gpu, features, classes, { generator: init.generator, scale: classifierScale });
}
