import type { DeviceArray } from '../runtime/gpu.ts';

/** What is known of an upload. */
interface Known {
  /** Each label that is larger than all before it. Whatever the number of classes is, the first label that is too large is one of these. */
  records: { label: number; row: number }[];
  values: Uint32Array;
}

// Beside the arrays, not in them: of labels that the device put together nothing is known here.
const known = new WeakMap<DeviceArray<'u32'>, Known>();

/** Remembers the values that an array was uploaded with, for `checkKnownLabels`. They must not change any more. */
export function noteLabels(array: DeviceArray<'u32'>, values: Uint32Array): void {
  const records: Known['records'] = [];
  let largest = -1;
  for (let row = 0; row < values.length; row++) {
    if (values[row] <= largest) continue;
    largest = values[row];
    records.push({ label: largest, row });
  }
  known.set(array, { records, values });
}

/** The first label of an upload that is too large, and is not the one that stands for no class. */
function firstTooLarge(
  array: DeviceArray<'u32'>,
  classes: number,
  ignored?: number,
): { label: number; row: number } | undefined {
  const upload = known.get(array);
  const first = upload?.records.find(({ label }) => label >= classes);
  if (upload === undefined || first === undefined || first.label !== ignored) return first;
  const row = upload.values.findIndex((label) => label >= classes && label !== ignored);
  return row < 0 ? undefined : { label: upload.values[row], row };
}

/**
 * Throws RangeError, naming the first row, where labels that came from the host (`indices`) are no classes; ignored: a label that stands for none.
 * Kernels answer other bad labels with NaN in their rows, and `findBadTarget` says which they were.
 */
export function checkKnownLabels(
  operation: string,
  array: DeviceArray<'u32'>,
  classes: number,
  ignored?: number,
): void {
  const bad = firstTooLarge(array, classes, ignored);
  if (bad) throw new RangeError(`${operation}: ${badLabel(bad.label, bad.row, classes)}.`);
}

/** Throws RangeError where indices that came from the host (`indices`) are none of a dimension. */
export function checkKnownIndices(
  operation: string,
  array: DeviceArray<'u32'>,
  shape: readonly number[],
  axis: number,
): void {
  const bad = firstTooLarge(array, shape[axis]);
  if (bad === undefined) return;
  throw new RangeError(
    `${operation}: index ${bad.row} is ${bad.label}; dimension ${axis} of the shape [${shape}] has ${shape[axis]}, counted from 0.`,
  );
}

/** What is wrong with a label. */
export function badLabel(label: number, row: number, classes: number): string {
  const shown = label >= 2 ** 31 ? `${label} (${label - 2 ** 32} as a signed number)` : `${label}`;
  return `the label of row ${row} is ${shown}; with ${classes} classes it must be 0 to ${classes - 1}`;
}
