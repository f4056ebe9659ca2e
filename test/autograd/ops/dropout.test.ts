import { describe, expect, it } from 'vitest';
import { dropout, stochasticDepth } from '../../../src/autograd/ops/dropout.ts';
import { gradcheck, mul, scale, sum, type Tensor, tensor } from '../../../src/node.ts';
import { philoxBlock } from '../../../src/runtime/philox.ts';
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

describe('stochasticDepth', () => {
  it('drops whole samples, by the mask that the CPU draws, and passes the gradient through it', async () => {
    const { gpu } = held;
    for (const [shape, p] of [
      [[9, 2, 3, 5], 0.5],
      [[6, 2, 2, 4], 0.2],
      [[1, 7], 0.5],
    ] as const) {
      const x = randomTensor(gpu, shape, 2, { requiresGrad: true, low: 1, high: 2 });
      const values = await x.data();
      const mask = keeps(shape[0], p, gpu.generator);
      const each = values.length / shape[0];
      const factor = (i: number) => (mask[Math.floor(i / each)] ? Math.fround(1 / (1 - p)) : 0);
      const y = stochasticDepth(scale(x, 2), p, true);
      expect(await y.data()).toEqual(values.map((v, i) => 2 * v * factor(i)));
      sum(scale(y, 4)).backward();
      expect(await (x.grad as Tensor).data()).toEqual(values.map((_, i) => 8 * factor(i)));
    }
  });

  it('takes a mask in place of a drawn one, and leaves the generator alone', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [4, 3, 3, 2], 2, { requiresGrad: true, low: 1, high: 2 });
    const values = await x.data();
    const mask = tensor(gpu, [1, 0, 0, 1]);
    const before = gpu.generator.offset;
    const y = await stochasticDepth(x, 0.75, true, mask).data();
    expect(y).toEqual(values.map((v, i) => ([0, 3].includes(Math.floor(i / 18)) ? 4 * v : 0)));
    expect(gpu.generator.offset).toBe(before);
    const f = (t: Tensor) => scale(stochasticDepth(scale(t, 2), 0.75, true, mask), 3);
    // Linear: no curvature error at a step of 0.5. The largest gradient is 24.
    expect(await gradcheck(f, [x], { step: 0.5, absolute: 2e-5, relative: 2e-5 })).toBe(72);
    expect(() => stochasticDepth(x, 0.5, true, tensor(gpu, [1, 0]))).toThrow(
      'the mask must be [4] for the input [4,3,3,2]',
    );
  });

  it('is nothing in evaluation or at p = 0, and all zeros at p = 1', async () => {
    const x = tensor(held.gpu, new Float32Array(8).fill(1), [2, 4]);
    expect(stochasticDepth(x, 0.5, false)).toBe(x);
    expect(stochasticDepth(x, 0, true)).toBe(x);
    expect(await stochasticDepth(x, 1, true).data()).toEqual(new Float32Array(8));
    expect(() => stochasticDepth(x, -1, true)).toThrow('stochasticDepth: p must be from 0 to 1; it is -1.');
  });
});
