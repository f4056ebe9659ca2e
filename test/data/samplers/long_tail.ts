import { classCounts } from '../../../src/data/class_counts.ts';
import { createSampler, type SamplerName } from '../../../src/data/samplers/index.ts';

/** Images of each class. */
export const COUNTS = [500, 200, 60, 7];
export const CLASSES = COUNTS.length;

/** Classes mixed, so that a position does not tell its class. */
export const labels = Uint8Array.from(
  COUNTS.flatMap((count, label) => Array.from({ length: count }, (_, i) => ({ label, place: (i + 0.5) / count })))
    .sort((a, b) => a.place - b.place)
    .map(({ label }) => label),
);

export function make(name: SamplerName, seed = 42) {
  return createSampler(name, { labels, classes: CLASSES, seed });
}

/** How many images of each class are drawn. */
export function countsOf(order: Uint32Array): number[] {
  return classCounts(
    Uint8Array.from(order, (position) => labels[position]),
    CLASSES,
  );
}

/** How often each image is drawn. */
export function timesDrawn(order: Uint32Array): number[] {
  return classCounts(order, labels.length);
}
