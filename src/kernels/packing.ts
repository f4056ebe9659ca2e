import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { addInPlace } from './elementwise.ts';

type F32 = DeviceArray<'f32'>;

/** Elements between the beginnings of packed arrays are a multiple of this: a binding begins at a multiple of 256 bytes. */
const GRAIN = 64;

/**
 * Most elements of an array that is packed. A larger one fills a device by itself, and to copy it would cost more than a dispatch: on llvmpipe
 * a dispatch costs some 20 µs, a copy 3 µs and then some 300 µs for each MiB that is in no cache.
 */
export const MOST_PACKED = 65_536;

function isSmall({ length }: { length: number }): boolean {
  return length <= MOST_PACKED;
}

/** Elements that an array takes up among packed ones, the gap behind it included. */
export function room(length: number): number {
  return Math.ceil(length / GRAIN) * GRAIN;
}

/** Elements that one binding can span. */
function mostElements(gpu: Gpu): number {
  return gpu.limits.arrayBytes / 4;
}

/**
 * New arrays of the current scope; the small ones lie one behind the other, in as few buffers as bindings can span. Their contents are
 * undefined.
 */
export function allocPacked(gpu: Gpu, lengths: readonly number[], operation: string): F32[] {
  const most = mostElements(gpu);
  const small = lengths.filter((length) => isSmall({ length }));
  return gpu.scope(() => {
    const packed: F32[] = [];
    while (packed.length < small.length) {
      const from = packed.length;
      let to = from;
      let total = 0;
      while (to < small.length && total + room(small[to]) <= most) total += room(small[to++]);
      const whole = gpu.alloc(total, 'f32', operation);
      let start = 0;
      for (const length of small.slice(from, to)) {
        packed.push(gpu.part(whole, start, length, operation));
        start += room(length);
      }
    }
    packed.reverse();
    return lengths.map((length) => (isSmall({ length }) ? (packed.pop() as F32) : gpu.alloc(length, 'f32', operation)));
  });
}

/** Moves the small ones of arrays so that they lie one behind the other. They stay the same arrays with the same owners; a copy each, no dispatch. */
export function pack(arrays: readonly F32[]): void {
  const small = arrays.filter(isSmall);
  if (small.length === 0) return;
  const { gpu } = small[0];
  const lengths = small.map(({ length }) => length);
  gpu.scope(() => {
    const places = allocPacked(gpu, lengths, 'pack');
    for (const [i, array] of small.entries()) gpu.move(array, places[i]);
  });
}

/** Whether an array lies right behind another in the same buffer, with the grain between. */
function follows(array: F32, before: F32): boolean {
  const [here, there] = [array.memory, before.memory];
  return here.root === there.root && here.offset === there.offset + 4 * room(before.length);
}

/** Whether the small ones of arrays lie one behind the other. */
function arePacked(arrays: readonly F32[]): boolean {
  return arrays.filter(isSmall).every((array, i, small) => i === 0 || follows(array, small[i - 1]));
}

/**
 * Cuts rows of arrays into stretches. A row is, for example, a parameter with its moments. Within a stretch the arrays of each of the first `columns`
 * columns lie one behind the other in memory, and together they are no larger than a binding may be. Rows of large arrays stand alone, at the end.
 */
export function stretches<R extends readonly F32[]>(rows: readonly R[], columns: number): R[][] {
  const found: R[][] = [];
  let before: R | undefined;
  let elements = 0;
  for (const row of rows) {
    if (!isSmall(row[0])) continue;
    const last = before;
    elements += room(row[0].length);
    const goesOn =
      last !== undefined &&
      elements <= mostElements(row[0].gpu) &&
      row.every((array, column) => column >= columns || follows(array, last[column]));
    if (goesOn) found[found.length - 1].push(row);
    else {
      found.push([row]);
      elements = room(row[0].length);
    }
    before = row;
  }
  for (const row of rows) if (!isSmall(row[0])) found.push([row]);
  return found;
}

/**
 * Small arrays that lie one behind the other, as one array of the current scope over the same memory, the gaps of fewer than 64 undefined
 * elements between them included. Packs them where they do not. A single array of any length is returned as it is.
 */
export function packedSpan(arrays: readonly F32[]): F32 {
  if (arrays.length === 1) return arrays[0];
  if (!arePacked(arrays)) pack(arrays);
  const [first] = arrays;
  const last = arrays[arrays.length - 1];
  const length = (last.memory.offset - first.memory.offset) / 4 + last.length;
  return first.gpu.part(first, 0, length, first.origin);
}

/** Arrays that lie one behind the other, seen as one. */
export interface Packed {
  /** Gaps included, which hold undefined numbers. */
  span: F32;
  lengths: number[];
}

/** Packs the small ones of arrays, each given once; returns all as few arrays of the current scope. */
export function packed(arrays: readonly F32[]): Packed[] {
  if (!arePacked(arrays)) pack(arrays);
  return stretches(
    arrays.map((array) => [array]),
    1,
  ).map((rows) => ({
    span: packedSpan(rows.map(([array]) => array)),
    lengths: rows.map(([{ length }]) => length),
  }));
}

/** sums[i] += terms[i], of equal lengths. Packs the small ones of both, so that one dispatch does them all. */
export function addEach(sums: readonly F32[], terms: readonly F32[]): void {
  if (sums.length === 0) return;
  const { gpu } = sums[0];
  // One that is given twice cannot lie in two places, and the places are counted in elements of four bytes.
  if (new Set([...sums, ...terms]).size < 2 * sums.length || sums.some(({ storage }) => storage === 'f16')) {
    for (const [i, sum] of sums.entries()) addInPlace(sum, terms[i]);
    return;
  }
  gpu.scope(() => {
    if (!arePacked(sums)) pack(sums);
    if (!arePacked(terms)) pack(terms);
    const rows = sums.map((sum, i) => [sum, terms[i]]);
    for (const stretch of stretches(rows, 2)) {
      addInPlace(packedSpan(stretch.map(([sum]) => sum)), packedSpan(stretch.map(([, term]) => term)));
    }
  });
}
