import { isAble, rungsFor } from '../../runtime/choose_rung.ts';
import type { DeviceArray, Gpu } from '../../runtime/gpu.ts';
import type { RungName } from '../../runtime/rungs.ts';

export type F32 = DeviceArray<'f32'>;
export type Numbers = ArrayLike<number>;

/** What one result of a kernel must be. */
export interface Expected {
  /** In float64. */
  values: Numbers;
  /** Of each element: the sum of its terms' magnitudes, which roundings are measured by. Default: the largest of all values. */
  magnitudes?: Numbers;
  /** Numbers that an element adds up. Default 1. */
  terms?: number;
  /** Roundings besides those of the sum; 'none': the very bits (of 0 the sign does not matter). See `float32Bound`. */
  roundings?: number | 'none';
}

/** A result of a kernel: how to make it, and what it must be. */
export interface Output extends Expected {
  /** 'dx', for example. */
  name: string;
  /** Runs the kernel; of a kernel that works in place, returns what it wrote to. */
  run(): DeviceArray;
}

/** A kernel at one size: its inputs and float64 results are made once, for every rung. */
export interface KernelCase {
  /** Sizes and options in words. */
  name: string;
  /** Whether a quick look takes it too. */
  quick?: boolean;
  /** The versions that it is for, where they are not all that its family has. */
  rungs?: readonly RungName[];
  /** Makes inputs and results; what it returns runs on a device, within a scope. */
  prepare(): (gpu: Gpu) => Output[];
}

/** What an input is called that stays in float32 where the others are in half precision. */
export const FLOAT32 = 'float32';

/** Kernels that are checked together, as they share inputs. */
export interface KernelFamily {
  /** The file in src/kernels that dispatches them. */
  kernels: string;
  /** Whether they are ladders: each rung is checked. */
  ladder?: true;
  /** Whether it is in half precision: not for adapters without. */
  halves?: true;
  cases: KernelCase[];
}

/** The versions that a case is run on: those of them that the adapter can run; undefined: the one that the engine takes. */
export function rungsOfCase(
  gpu: Gpu,
  { ladder, halves }: KernelFamily,
  { rungs }: KernelCase,
): (RungName | undefined)[] {
  if (halves && !gpu.supportsF16) return [];
  if (rungs) return rungs.filter((rung) => isAble(gpu, rung));
  // Winograd's rounding errors are not what these cases allow.
  return ladder ? rungsFor(gpu).filter((rung) => rung !== 'winograd') : [undefined];
}

/** Sums in float64, with the magnitudes and the number of their terms. */
export class Sums implements Expected {
  readonly values: Float64Array;
  readonly magnitudes: Float64Array;
  readonly #counts: Uint32Array;

  constructor(count: number) {
    this.values = new Float64Array(count);
    this.magnitudes = new Float64Array(count);
    this.#counts = new Uint32Array(count);
  }

  add(at: number, term: number): void {
    this.values[at] += term;
    this.magnitudes[at] += Math.abs(term);
    this.#counts[at]++;
  }

  get terms(): number {
    return this.#counts.reduce((most, count) => Math.max(most, count), 1);
  }
}

/** Calls `visit` for each term of a linear map: output `to` has `factor` times input `from` in it. */
export type Entries = (visit: (to: number, from: number, factor: number) => void) => void;

/** y of a linear map. */
export function image(entries: Entries, x: Numbers, count: number): Sums {
  const sums = new Sums(count);
  entries((to, from, factor) => sums.add(to, factor * x[from]));
  return sums;
}

/** Its gradient: dx from dy, the same terms the other way. */
export function adjoint(entries: Entries, dy: Numbers, count: number): Sums {
  const sums = new Sums(count);
  entries((to, from, factor) => sums.add(from, factor * dy[to]));
  return sums;
}

export const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1);

export const exact = (values: Numbers): Expected => ({ values, roundings: 'none' });
