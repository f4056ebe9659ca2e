import type { ClassificationMetrics } from './classification.ts';

/** Classes by how many training images they have: a third of them at either end, the rest between; of equals the first is larger. */
export interface ClassThirds {
  largest: number[];
  middle: number[];
  smallest: number[];
}

/** counts: training images of each class, at least two. */
export function classThirds(counts: readonly number[]): ClassThirds {
  const order = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
  const third = Math.max(1, Math.floor(counts.length / 3));
  return {
    largest: order.slice(0, third),
    middle: order.slice(third, order.length - third),
    smallest: order.slice(order.length - third),
  };
}

/** Mean recall over the classes of each third; null where there are none in the middle. */
export function recallByThird(
  { perClass }: Pick<ClassificationMetrics, 'perClass'>,
  counts: readonly number[],
): Record<keyof ClassThirds, number | null> {
  const { largest, middle, smallest } = classThirds(counts);
  const mean = (classes: readonly number[]) =>
    classes.length === 0 ? null : classes.reduce((sum, c) => sum + perClass[c].recall, 0) / classes.length;
  return { largest: mean(largest), middle: mean(middle), smallest: mean(smallest) };
}
