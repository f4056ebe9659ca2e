import { Conv2d } from '../nn/layers/conv2d.ts';
import { ImageClassifier } from '../nn/models/image_classifier.ts';
import type { Module } from '../nn/module.ts';
import type { Gpu } from '../runtime/gpu.ts';
import type { TrainingTask } from '../train/training_task.ts';
import { findLastSpatialLayer, gradCam } from './grad_cam.ts';
import type { RecordedStep } from './record_step.ts';
import type { ShownStep } from './shown_step.ts';

/**
 * Grad-CAM for the class of an image of the batch, as the step that comes next will see it. image: its place in the batch. Undefined for networks
 * without a layer to look at. Leaves the device's generator where it stands.
 */
export async function whereItLooks(
  gpu: Gpu,
  { model, source, augmentation }: Pick<TrainingTask, 'model' | 'source' | 'augmentation'>,
  indices: Uint32Array,
  image: number,
) {
  if (!(model instanceof ImageClassifier)) return undefined;
  const layer = findLastSpatialLayer(model);
  if (layer === undefined) return undefined;
  const { generator } = gpu;
  const { maps } = await gpu.scope(async () => {
    const { images } = source.augmented(indices, augmentation);
    const classes = Array.from(indices, (index) => source.labels[index]);
    return gradCam({ gpu, model, layer, images, classes });
  });
  gpu.generator = generator;
  const { values, height, width } = maps[image];
  return { layer, map: { shape: [height, width], data: values } };
}

/** Adds the filters of the first convolution, where they see pixels, before and after the step. */
export function addFilters({ tensors }: ShownStep, model: Module, { values }: RecordedStep): void {
  const first = model.namedModules().find(([, module]) => module instanceof Conv2d);
  const name = first && `${first[0]}.weight`.replace(/^\./, '');
  const [before, after] = [values.before.get(name ?? ''), values.after.get(name ?? '')];
  if (!before || !after || (before.shape[2] !== 1 && before.shape[2] !== 3)) return;
  tensors.set('filtersBefore', before);
  tensors.set('filtersAfter', after);
}

/** The texts of the shaders that ran. shaders: the text of a shader by its name. */
export function shadersOf({ record }: RecordedStep, shaders: (name: string) => string): Record<string, string> {
  const names = new Set(record.dispatches.map(({ kernel }) => kernel.split('<')[0]));
  return Object.fromEntries([...names].sort().map((name) => [name, shaders(name)]));
}
