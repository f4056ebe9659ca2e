import type { ImageDataset } from '../data/image_dataset.ts';

/** What is written beside weights of a network, as the metadata of their file: `wgrad evaluate --weights` reads it back. reading: how own images were read. */
export function weightsRecord(
  { model, width, data, reading = {} }: { model: string; width: number; data: string; reading?: object },
  { classNames, height, mean, std }: Pick<ImageDataset, 'classNames' | 'height' | 'mean' | 'std'>,
): Record<string, string> {
  return {
    ...{ model, width: `${width}`, data, mean: `${mean}`, std: `${std}` },
    ...{ classes: JSON.stringify(classNames), imageSize: `${height}`, reading: JSON.stringify(reading) },
  };
}
