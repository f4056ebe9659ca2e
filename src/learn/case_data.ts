import { Philox } from '../runtime/philox.ts';
import { type CaseArray, type Expected, sizeOf } from './exercise.ts';

/** Values uniform in [low, high), the same for the same seed. */
export function randomValues(count: number, seed: number, low = -1, high = 1): Float32Array {
  const generator = new Philox(seed, 11);
  return Float32Array.from({ length: count }, () => low + (high - low) * generator.uniform());
}

/** An array that a kernel reads, of random values. */
export function input(
  axes: string,
  shape: readonly number[],
  seed: number,
  low?: number,
  high?: number,
): CaseArray & { data: Float32Array } {
  return { axes, shape, data: randomValues(sizeOf(shape), seed, low, high) };
}

/** An array that a kernel fills. */
export function output(axes: string, shape: readonly number[], expected?: Expected): CaseArray {
  return { axes, shape, expected };
}
