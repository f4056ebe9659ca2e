import { describe, expect, it } from 'vitest';
import { dropout } from '../../../src/autograd/ops/dropout.ts';
import { philoxBlock } from '../../../src/kernels/philox.ts';
import { gradcheck, mul, scale, sum, type Tensor, tensor } from '../../../src/node.ts';
import { randomTensor, randomValues, useGpu } from '../../gpu.ts';

const held = useGpu();

/** The mask as the CPU draws it: uniform ≥ p, from the generator's place before the call. */
function keeps(count: number, p: number, { seed, offset }: { seed: number; offset: number }): boolean[] {
  return Array.from({ length: count }, (_, i) => {
    const words = philoxBlock([Math.floor(i / 4), offset, 0, 1], [seed % 2 ** 32, Math.floor(seed / 2 ** 32)]);
    return (words[i % 4] >>> 8) / 2 ** 24 >= p;
  });
}

describe('dropout', () => {
  it.each([0.1, 0.5, 0.75])("draws the CPU generator's mask bit for bit, p = %d", async (p) => {
    const { gpu } = held;
    const values = randomValues(1003, 1, 1, 2);
    const mask = keeps(values.length, p, gpu.generator);
    const y = await dropout(tensor(gpu, values), p, true).data();
    const factor = Math.fround(1 / (1 - p));
    expect(y).toEqual(values.map((v, i) => (mask[i] ? Math.fround(v * factor) : 0)));
    expect(mask.filter(Boolean).length / mask.length).toBeCloseTo(1 - p, 1);
  });

  it('passes the gradient through the same mask, in mid-graph', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [5, 7], 2, { requiresGrad: true });
    const w = randomValues(35, 3);
    const mask = keeps(35, 0.5, gpu.generator);
    sum(mul(dropout(scale(x, 3), 0.5, true), tensor(gpu, w, [5, 7]))).backward();
    const expected = w.map((v, i) => (mask[i] ? Math.fround(Math.fround(v * 2) * 3) : 0));
    expect(await (x.grad as Tensor).data()).toEqual(expected);
  });

  it('gradient in mid-graph against central differences, under one mask', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [6, 7], 4, { requiresGrad: true });
    const state = gpu.generator;
    const f = (t: Tensor) => {
      gpu.generator = state;
      return scale(dropout(scale(t, 2), 0.3, true), 3);
    };
    // Linear: no curvature error at a step of 0.5.
    expect(await gradcheck(f, [x], { step: 0.5, absolute: 2e-5, relative: 2e-5 })).toBe(42);
  });

  it('draws another mask each time, none in evaluation or at p = 0, all zeros at p = 1', async () => {
    const { gpu } = held;
    const x = tensor(gpu, new Float32Array(256).fill(1));
    const [a, b] = [await dropout(x, 0.5, true).data(), await dropout(x, 0.5, true).data()];
    expect(a).not.toEqual(b);
    const before = gpu.generator.offset;
    expect(dropout(x, 0.5, false)).toBe(x);
    expect(dropout(x, 0, true)).toBe(x);
    expect(gpu.generator.offset).toBe(before);
    expect((await dropout(x, 1, true).data()).every((v) => v === 0)).toBe(true);
    expect(() => dropout(x, 1.5, true)).toThrow('dropout: p must be from 0 to 1; it is 1.5.');
  });
});
