import type { DeviceArray } from './device_array.ts';
import { addInPlace } from './elementwise.ts';
import type { Gpu } from './gpu.ts';

type F32 = DeviceArray<'f32'>;

/** Elements between the beginnings of packed arrays are a multiple of this: a binding begins at a multiple of 256 bytes. */
const GRAIN = 64;

/** Elements that an array takes up among packed ones, the gap behind it included. */
export function room(length: number): number {
  return Math.ceil(length / GRAIN) * GRAIN;
}

/** Elements that one binding can span. */
function mostElements(gpu: Gpu): number {
  return Math.min(gpu.device.limits.maxStorageBufferBindingSize, gpu.device.limits.maxBufferSize) / 4;
}

/** New arrays of the current scope that lie one behind the other, in as few buffers as bindings can span; their contents are undefined. */
export function allocPacked(gpu: Gpu, lengths: readonly number[], operation: string): F32[] {
  const most = mostElements(gpu);
  const arrays: F32[] = [];
  return gpu.scope(() => {
    for (let from = 0; from < lengths.length; from = arrays.length) {
      let to = from;
      let total = 0;
      while (to < lengths.length && (to === from || total + room(lengths[to]) <= most)) total += room(lengths[to++]);
      const whole = gpu.alloc(total, 'f32', operation);
      let start = 0;
      for (const length of lengths.slice(from, to)) {
        arrays.push(gpu.part(whole, start, length, operation));
        start += room(length);
      }
    }
    return arrays;
  });
}

/** Moves arrays so that they lie one behind the other. They stay the same arrays with the same owners; a copy each and no dispatch. */
export function pack(arrays: readonly F32[]): void {
  if (arrays.length === 0) return;
  const { gpu } = arrays[0];
  gpu.scope(() => {
    const places = allocPacked(
      gpu,
      arrays.map(({ length }) => length),
      'pack',
    );
    for (const [i, array] of arrays.entries()) gpu.move(array, places[i]);
  });
}

/** Whether an array lies right behind another in the same buffer, with the grain between. */
function follows(array: F32, before: F32): boolean {
  const [here, there] = [array.memory, before.memory];
  return here.root === there.root && here.offset === there.offset + 4 * room(before.length);
}

function arePacked(arrays: readonly F32[]): boolean {
  return arrays.every((array, i) => i === 0 || follows(array, arrays[i - 1]));
}

/**
 * Cuts rows of arrays, such as a parameter with what is kept for it, into stretches in which each column lies one behind the other, and which a
 * binding can span.
 */
export function stretches<R extends readonly F32[]>(rows: readonly R[]): R[][] {
  const found: R[][] = [];
  let elements = 0;
  for (const [i, row] of rows.entries()) {
    const size = room(row[0].length);
    elements += size;
    const goes =
      i > 0 &&
      elements <= mostElements(row[0].gpu) &&
      row.every((array, column) => follows(array, rows[i - 1][column]));
    if (goes) found[found.length - 1].push(row);
    else {
      found.push([row]);
      elements = size;
    }
  }
  return found;
}

/**
 * Arrays that lie one behind the other, as one array of the current scope over the same memory, the gaps of fewer than 64 undefined elements
 * between them included. Packs them where they do not.
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

/** Packs arrays, each given once, where they are not packed; returns them as few arrays of the current scope. */
export function packed(arrays: readonly F32[]): Packed[] {
  if (!arePacked(arrays)) pack(arrays);
  return stretches(arrays.map((array) => [array])).map((rows) => ({
    span: packedSpan(rows.map(([array]) => array)),
    lengths: rows.map(([{ length }]) => length),
  }));
}

/** sums[i] += terms[i], of equal lengths. Packs both, so that one dispatch does it all. */
export function addEach(sums: readonly F32[], terms: readonly F32[]): void {
  if (sums.length === 0) return;
  const { gpu } = sums[0];
  // One that is given twice cannot lie in two places.
  if (new Set([...sums, ...terms]).size < 2 * sums.length) {
    for (const [i, sum] of sums.entries()) addInPlace(sum, terms[i]);
    return;
  }
  gpu.scope(() => {
    if (!arePacked(sums)) pack(sums);
    if (!arePacked(terms)) pack(terms);
    for (const rows of stretches(sums.map((sum, i) => [sum, terms[i]]))) {
      addInPlace(packedSpan(rows.map(([sum]) => sum)), packedSpan(rows.map(([, term]) => term)));
    }
  });
}
