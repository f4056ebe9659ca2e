import { Philox } from '../../runtime/philox.ts';

/** Values uniform in [low, high), the same for the same seed. */
export function randomValues(count: number, seed: number, low = -1, high = 1): Float32Array<ArrayBuffer> {
  const generator = new Philox(seed, 7);
  return Float32Array.from({ length: count }, () => low + (high - low) * generator.uniform());
}

/** Whole numbers from 0 to below `limit`, the same for the same seed. */
export function randomIndices(count: number, seed: number, limit: number): Uint32Array<ArrayBuffer> {
  const generator = new Philox(seed, 9);
  return Uint32Array.from({ length: count }, () => generator.below(limit));
}
