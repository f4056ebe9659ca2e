import { describe, expect, it } from 'vitest';
import { add, addRelu, gradcheck, mul, scale, tensor } from '../../../src/node.ts';
import { randomTensor, randomValues, relativeError, spacedTensor, useGpu } from '../../gpu.ts';

const held = useGpu();
const ROUNDING = 1e-6; // a few float32 roundings, relative

describe('add and mul', () => {
  it.each([
    { a: [3, 5], b: [3, 5] },
    { a: [2, 3, 3, 5], b: [5] },
    { a: [2, 3, 3, 5], b: [2, 1, 1, 5] },
    { a: [2, 3, 3, 5], b: [2, 1, 1, 1] },
    { a: [2, 3, 5], b: [] },
    { a: [1, 7], b: [7] },
    // Four neighbours at once; rows beyond one slice of the sum.
    { a: [2, 3, 5, 8], b: [2, 1, 1, 8] },
    { a: [1, 9, 9, 4], b: [1, 1, 1, 4] },
    { a: [1, 11, 7, 3], b: [1, 1, 1, 3] },
    { a: [3, 2, 2, 3], b: [3, 1, 1, 1] },
  ])('values and gradients in mid-graph: $a with $b', async ({ a, b }) => {
    const { gpu } = held;
    const x = randomTensor(gpu, a, 1, { requiresGrad: true });
    const w = randomTensor(gpu, b, 2, { requiresGrad: true });
    await gradcheck((p, q) => scale(add(scale(p, 2), scale(q, 3)), 0.5), [x, w]);
    await gradcheck((p, q) => scale(mul(scale(p, 2), scale(q, 3)), 0.5), [x, w]);
  });

  it('broadcasts as stated', async () => {
    const { gpu } = held;
    const x = randomValues(2 * 9 * 5, 3);
    const w = randomValues(2 * 5, 4);
    const [xs, ws] = [randomTensor(gpu, [2, 3, 3, 5], 3), randomTensor(gpu, [2, 1, 1, 5], 4)];
    const at = (i: number) => w[Math.floor(i / 45) * 5 + (i % 5)];
    expect(
      relativeError(
        await add(xs, ws).data(),
        x.map((v, i) => v + at(i)),
      ),
    ).toBeLessThan(ROUNDING);
    expect(
      relativeError(
        await mul(xs, ws).data(),
        x.map((v, i) => v * at(i)),
      ),
    ).toBeLessThan(ROUNDING);
  });

  it('names both shapes where they do not fit', () => {
    const { gpu } = held;
    expect(() => add(randomTensor(gpu, [2, 3], 1), randomTensor(gpu, [2], 1))).toThrow(
      'add: shape [2] does not repeat over [2,3]',
    );
  });
});

describe('addRelu', () => {
  it.each([[[2, 3, 5, 3]], [[1, 7]]])('values and gradients in mid-graph: %j', async (shape) => {
    const { gpu } = held;
    // Multiples of 0.1, less 0.04: further from the kink than a step of 1e-2.
    const a = spacedTensor(gpu, shape, 5, 0.1, { requiresGrad: true });
    const b = tensor(gpu, new Float32Array(a.size).fill(-0.04), shape, { requiresGrad: true });
    const [x, y] = [await a.data(), await b.data()];
    const expected = x.map((v, i) => Math.max(v + y[i], 0));
    expect(relativeError(await addRelu(a, b).data(), expected)).toBeLessThan(ROUNDING);
    expect(expected.some((v) => v === 0) && expected.some((v) => v > 0)).toBe(true);
    await gradcheck((p, q) => scale(addRelu(scale(p, 2), scale(q, 2)), 0.5), [a, b]);
    // One tensor in both places, and leaves.
    await gradcheck((p) => scale(addRelu(p, p), 0.5), [a]);
    await gradcheck((p, q) => addRelu(p, q), [a, b]);
  });

  it('lets NaN through and names both shapes where they differ', async () => {
    const { gpu } = held;
    const y = await addRelu(tensor(gpu, [Number.NaN, -1]), tensor(gpu, [1, 0])).data();
    expect(y).toEqual(Float32Array.of(Number.NaN, 0));
    expect(() => addRelu(randomTensor(gpu, [2, 3], 1), randomTensor(gpu, [3], 1))).toThrow(
      'addRelu: both inputs must have one shape; they are [2,3] and [3].',
    );
  });
});
