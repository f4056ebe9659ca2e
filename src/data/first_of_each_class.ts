import type { ClassLabels } from './image_dataset.ts';

/** Positions of the first images of each class, in the split's order: so many of each, or of each class its own number; all where it is null. */
export function firstOfEachClass(labels: ClassLabels, perClass: number | readonly number[] | null): Uint32Array {
  const seen = new Map<number, number>();
  const positions: number[] = [];
  labels.forEach((label, position) => {
    const before = seen.get(label) ?? 0;
    const most = typeof perClass === 'number' ? perClass : (perClass?.[label] ?? Number.POSITIVE_INFINITY);
    if (before >= most) return;
    seen.set(label, before + 1);
    positions.push(position);
  });
  return Uint32Array.from(positions);
}
