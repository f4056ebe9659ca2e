import { afterAll, afterEach, beforeAll } from 'vitest';
import { sizeOf } from '../src/autograd/tensor.ts';
import { type DeviceOptions, type Gpu, openDevice, Philox, type Shape, type Tensor, tensor } from '../src/node.ts';

/**
 * Opens a device for a test file, with new memory poisoned and fenced, and grids cut into rows; compares the fences after each test, and closes it at
 * the end. Call at the top; read `.gpu` inside tests. options: `fences: false` for tests of where memory lies and how many dispatches there are.
 */
export function useGpu(options: DeviceOptions = {}): { readonly gpu: Gpu } {
  const held: { gpu: Gpu } = { gpu: undefined as unknown as Gpu };
  beforeAll(async () => {
    held.gpu = await openDevice({ poison: true, fences: true, gridWidth: 2, seed: 42, ...options });
  });
  afterEach(() => held.gpu.finish());
  afterAll(() => held.gpu.close());
  return held;
}

/** Values uniform in [low, high), the same for the same seed. */
export function randomValues(count: number, seed: number, low = -1, high = 1): Float32Array {
  const generator = new Philox(seed, 7);
  return Float32Array.from({ length: count }, () => low + (high - low) * generator.uniform());
}

/** A tensor of such values. */
export function randomTensor(
  gpu: Gpu,
  shape: Shape,
  seed: number,
  options: { requiresGrad?: boolean; low?: number; high?: number } = {},
): Tensor {
  return tensor(gpu, randomValues(sizeOf(shape), seed, options.low, options.high), shape, {
    requiresGrad: options.requiresGrad ?? false,
  });
}

/**
 * A tensor of values in random order that are at least `gap` apart from each other and from 0: for functions with kinks (ReLU, max), which
 * a finite difference must not step across.
 */
export function spacedTensor(
  gpu: Gpu,
  shape: Shape,
  seed: number,
  gap: number,
  options: { requiresGrad?: boolean } = {},
): Tensor {
  const count = sizeOf(shape);
  const values = Float32Array.from({ length: count }, (_, i) => (i - count / 2 + (i >= count / 2 ? 1 : 0)) * gap);
  return tensor(gpu, new Philox(seed, 8).shuffle(values), shape, { requiresGrad: options.requiresGrad ?? false });
}

/** Largest |a − b| ÷ (largest |b|): the error of a kernel's output as a whole. NaN anywhere gives NaN. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(actual[i])) return Number.NaN;
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return difference / (scale || 1);
}
