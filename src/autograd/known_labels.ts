import type { DeviceArray } from '../runtime/gpu.ts';

/**
 * Each label of an upload that is larger than all before it. Whatever the number of classes is, the first label that is too large is one of these.
 */
type Records = { label: number; row: number }[];

// Beside the arrays, not in them: of labels that the device put together nothing is known here.
const known = new WeakMap<DeviceArray<'u32'>, Records>();

/** Remembers what `checkKnownLabels` needs of the values that an array was uploaded with. */
export function noteLabels(array: DeviceArray<'u32'>, values: Uint32Array): void {
  const records: Records = [];
  let largest = -1;
  for (let row = 0; row < values.length; row++) {
    if (values[row] <= largest) continue;
    largest = values[row];
    records.push({ label: largest, row });
  }
  known.set(array, records);
}

/**
 * Throws RangeError, naming the first row, where labels that came from the host (`indices`) are no classes. Kernels answer other bad labels
 * with NaN in their rows, and `findBadTarget` says which they were.
 */
export function checkKnownLabels(operation: string, array: DeviceArray<'u32'>, classes: number): void {
  const bad = known.get(array)?.find(({ label }) => label >= classes);
  if (bad) throw new RangeError(`${operation}: ${badLabel(bad.label, bad.row, classes)}.`);
}

/** What is wrong with a label. */
export function badLabel(label: number, row: number, classes: number): string {
  const shown = label >= 2 ** 31 ? `${label} (${label - 2 ** 32} as a signed number)` : `${label}`;
  return `the label of row ${row} is ${shown}; with ${classes} classes it must be 0 to ${classes - 1}`;
}
