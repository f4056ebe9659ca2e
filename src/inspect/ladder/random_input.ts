import type { DeviceArray, Gpu } from '../../runtime/gpu.ts';

/** Values in [−1, 1) that look random and cost nothing to draw: zeros or constants can be faster than real data. */
export function randomNumbers(count: number, seed = 1): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0; // Numerical Recipes' linear congruential generator
    values[i] = state * 2 ** -31;
  }
  return values;
}

/** The same on the device. */
export function randomInput(gpu: Gpu, count: number): DeviceArray<'f32'> {
  return gpu.upload(randomNumbers(count), 'benchmark');
}
