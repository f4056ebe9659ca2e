/** Positions of the first `perClass` images of each class, in the split's order; all where it is null. */
export function firstOfEachClass(labels: Uint8Array, perClass: number | null): Uint32Array {
  const seen = new Map<number, number>();
  const positions: number[] = [];
  labels.forEach((label, position) => {
    const before = seen.get(label) ?? 0;
    if (perClass !== null && before >= perClass) return;
    seen.set(label, before + 1);
    positions.push(position);
  });
  return Uint32Array.from(positions);
}
