import type { ImageDataset } from '../../src/data/image_dataset.ts';
import { writeWeights } from '../../src/nn/weights/write_weights.ts';
import { weightsRecord } from '../../src/train/weights_record.ts';
import type { Run } from './run.ts';

/** The weights of a run as a safetensors file, with what `wgrad evaluate --weights` needs to know of them. */
export function saveWeights({ task: { model }, recipe }: Run, dataset: ImageDataset): Promise<Uint8Array> {
  const { model: name, width } = recipe;
  return writeWeights(model, weightsRecord({ model: name, width, data: dataset.name }, dataset));
}
