import type { ImageDataset } from '../src/data/index.ts';

/** A data set of noise, 32×32 in three channels and ten classes, for what does not depend on what is to be seen. */
export function noiseImages(count: number): ImageDataset {
  const split = {
    images: Uint8Array.from({ length: count * 32 * 32 * 3 }, (_, i) => (i * 7919) % 251),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 10),
  };
  const normalisation = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
  const classNames = Array.from({ length: 10 }, (_, i) => `${i}`);
  const size = { height: 32, width: 32, channels: 3, classNames };
  return { name: 'noise', source: '', train: split, test: split, ...size, ...normalisation };
}
