import { describe, expect, it } from 'vitest';
import {
  argmax,
  globalAvgPool2d,
  gradcheck,
  max,
  mean,
  mul,
  relu,
  type Shape,
  scale,
  sum,
  type Tensor,
  tensor,
} from '../../../src/node.ts';
import { randomTensor, randomValues, relativeError, spacedTensor, useGpu } from '../../gpu.ts';

const held = useGpu();
const ROUNDING = 1e-6;

describe('relu, sum, mean, globalAvgPool2d', () => {
  it('gradients in mid-graph', async () => {
    const { gpu } = held;
    const x = spacedTensor(gpu, [2, 3, 5, 3], 5, 0.03, { requiresGrad: true });
    await gradcheck((t) => scale(relu(scale(t, 2)), 0.5), [x]);
    await gradcheck((t) => scale(sum(mul(t, t)), 0.5), [x]);
    await gradcheck((t) => scale(mean(mul(t, t)), 2), [x]);
    await gradcheck((t) => relu(globalAvgPool2d(mul(t, t))), [x]);
    const wide = spacedTensor(gpu, [2, 3, 5, 4], 5, 0.03, { requiresGrad: true });
    await gradcheck((t) => relu(globalAvgPool2d(mul(t, t))), [wide]);
  });

  it('sums long arrays in slices', async () => {
    const { gpu } = held;
    const values = randomValues(100_003, 6, 0, 1);
    const expected = values.reduce((total, v) => total + v, 0);
    const got = await sum(randomTensor(gpu, [100_003], 6, { low: 0, high: 1 })).item();
    expect(Math.abs(got - expected) / expected).toBeLessThan(ROUNDING);
  });

  it('has a result of its own, also of one element', async () => {
    const { gpu } = held;
    const x = tensor(gpu, [3]);
    const results = [sum(x), mean(x), max(x), sum(x, 0, { keepdim: true })];
    gpu.write(x.buffer, Float32Array.of(5));
    for (const y of results) expect([...(await y.data())]).toEqual([3]);
  });
});

const CASES: readonly { shape: Shape; axes: number | number[]; y: Shape; kept: Shape }[] = [
  { shape: [5], axes: 0, y: [], kept: [1] },
  { shape: [3, 5], axes: 0, y: [5], kept: [1, 5] },
  { shape: [3, 5], axes: -1, y: [3], kept: [3, 1] },
  { shape: [1, 7], axes: [0], y: [7], kept: [1, 7] },
  { shape: [2, 3, 5, 4], axes: [1, 2], y: [2, 4], kept: [2, 1, 1, 4] },
  { shape: [2, 3, 5, 4], axes: [0, -2], y: [3, 4], kept: [1, 3, 1, 4] },
  { shape: [2, 70, 3], axes: [0, 1, 2], y: [], kept: [1, 1, 1] },
];

describe.each(CASES)('$shape over $axes', ({ shape, axes, y, kept }) => {
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => (axis < 0 ? axis + shape.length : axis));
  /** The elements that go into each of the result's, in its order. */
  const groups = (values: ArrayLike<number>): number[][] => {
    const found = new Map<string, number[]>();
    for (let i = 0; i < values.length; i++) {
      let rest = i;
      const index = [...shape].reverse().map((size) => {
        const at = rest % size;
        rest = Math.floor(rest / size);
        return at;
      });
      const key = `${index.reverse().filter((_, d) => !list.includes(d))}`;
      found.set(key, [...(found.get(key) ?? []), values[i]]);
    }
    return [...found.values()];
  };
  const total = (values: readonly number[]) => values.reduce((s, v) => s + v, 0);

  it.each([
    ['sum', sum, total],
    ['mean', mean, (values: readonly number[]) => total(values) / values.length],
    ['max', max, (values: readonly number[]) => Math.max(...values)],
  ] as const)('%s: values, shapes and gradient in mid-graph', async (_name, f, reference) => {
    // Of one sign, so that no sum is small beside its terms.
    const positive = randomTensor(held.gpu, shape, 3, { low: 0.1, high: 1 });
    const expected = groups(await positive.data()).map(reference);
    const out = f(positive, axes);
    expect(out.shape).toEqual(y);
    expect(relativeError(await out.data(), expected)).toBeLessThan(2 * ROUNDING);
    const keepdim = f(positive, axes, { keepdim: true });
    expect(keepdim.shape).toEqual(kept);
    expect(await keepdim.data()).toEqual(await out.data());
    const x = spacedTensor(held.gpu, shape, 3, 0.03, { requiresGrad: true });
    await gradcheck((t) => scale(mul(f(scale(t, 2), axes), f(t, axes)), 0.5), [x], { elements: 20 });
    await gradcheck((t) => scale(f(scale(t, 2), axes, { keepdim: true }), 0.5), [x], { elements: 20 });
  });
});

describe('max and argmax', () => {
  it('along a dimension send the gradient of equal ones to the first, over several share it evenly', async () => {
    const { gpu } = held;
    const values = [1, 3, 3, 2, 2, 0];
    const gradOf = async (f: (x: Tensor) => Tensor) => {
      const x = tensor(gpu, Float32Array.from(values), [2, 3], { requiresGrad: true });
      sum(f(x)).backward();
      return [...(await (x.grad as Tensor).data())];
    };
    expect(await gradOf((x) => max(x, 1))).toEqual([0, 1, 0, 1, 0, 0]);
    expect(await gradOf((x) => max(x, [1]))).toEqual([0, 0.5, 0.5, 0.5, 0.5, 0]);
    expect(await gradOf((x) => max(x))).toEqual([0, 0.5, 0.5, 0, 0, 0]);
    expect(await gradOf((x) => max(x, [0, 1], { keepdim: true }))).toEqual([0, 0.5, 0.5, 0, 0, 0]);
    const x = tensor(gpu, Float32Array.from(values), [2, 3]);
    expect(await argmax(x, 1).data()).toEqual(Uint32Array.of(1, 0));
  });

  it('argmax keeps or drops its dimension, and takes all as one line by default', async () => {
    const { gpu } = held;
    const x = spacedTensor(gpu, [2, 3, 5], 4, 0.1);
    const values = await x.data();
    expect([argmax(x).shape, argmax(x, 0).shape, argmax(x, -1, { keepdim: true }).shape]).toEqual([
      [],
      [3, 5],
      [2, 3, 1],
    ]);
    expect(argmax(x, undefined, { keepdim: true }).shape).toEqual([1, 1, 1]);
    expect([...(await argmax(x).data())]).toEqual([values.indexOf(Math.max(...values))]);
    expect(await argmax(x, 0).data()).toEqual(
      Uint32Array.from({ length: 15 }, (_, i) => Number(values[15 + i] > values[i])),
    );
  });

  it('let NaN win, the first of several', async () => {
    const { gpu } = held;
    const x = tensor(gpu, [1, Number.NaN, 3, Number.NaN], [4], { requiresGrad: true });
    expect(await max(x, 0).item()).toBeNaN();
    expect(await max(x).item()).toBeNaN();
    expect(await argmax(x, 0).item()).toBe(1);
    max(x, 0).backward();
    expect([...(await (x.grad as Tensor).data())]).toEqual([0, 1, 0, 0]);
  });

  it('say where there is nothing to choose from, and what is not there', () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [2, 0, 3], 1);
    expect(() => max(x, 1)).toThrow('max: dimension 1 of the shape [2,0,3] has no elements to choose from.');
    expect(() => max(x)).toThrow('max: dimension 1 of the shape [2,0,3] has no elements to choose from.');
    expect(() => argmax(x)).toThrow('argmax: dimension 0 of the shape [0] has no elements to choose from.');
    expect(() => sum(x, 3)).toThrow('sum: there is no dimension 3 in the shape [2,0,3].');
    expect(() => mean(x, [0, 0])).toThrow('mean: dimension 0 of the shape [2,0,3] is given twice.');
  });
});
