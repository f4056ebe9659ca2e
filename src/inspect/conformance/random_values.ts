import { fromHalves, toHalves } from '../../runtime/half.ts';
import { Philox } from '../../runtime/philox.ts';

let rounding = false;

/** Runs a function in which `randomValues` gives half-precision numbers. */
export function withHalfValues<R>(work: () => R): R {
  rounding = true;
  try {
    return work();
  } finally {
    rounding = false;
  }
}

/** Values uniform in [low, high), the same for the same seed. */
export function randomValues(count: number, seed: number, low = -1, high = 1): Float32Array<ArrayBuffer> {
  const generator = new Philox(seed, 7);
  const values = Float32Array.from({ length: count }, () => low + (high - low) * generator.uniform());
  return rounding ? fromHalves(toHalves(values)) : values;
}

/** Whole numbers from 0 to below `limit`, the same for the same seed. */
export function randomIndices(count: number, seed: number, limit: number): Uint32Array<ArrayBuffer> {
  const generator = new Philox(seed, 9);
  return Uint32Array.from({ length: count }, () => generator.below(limit));
}
