import { describe, expect, it } from 'vitest';
import {
  eq,
  ge,
  gradcheck,
  gt,
  le,
  lt,
  maximum,
  minimum,
  ne,
  type Operand,
  type Shape,
  scale,
  sum,
  type Tensor,
  tensor,
  where,
} from '../../../src/node.ts';
import { randomTensor, spacedTensor, useGpu } from '../../gpu.ts';

const held = useGpu();

const COMPARISONS: readonly [string, (a: Operand, b: Operand) => Tensor, (p: number, q: number) => boolean][] = [
  ['gt', gt, (p, q) => p > q],
  ['ge', ge, (p, q) => p >= q],
  ['lt', lt, (p, q) => p < q],
  ['le', le, (p, q) => p <= q],
  ['eq', eq, (p, q) => p === q],
  ['ne', ne, (p, q) => p !== q],
];

describe.each(COMPARISONS)('%s', (_name, f, holds) => {
  it('is 1 where it holds, else 0, and has no gradient', async () => {
    const { gpu } = held;
    const [p, q] = [
      [1, 2, 3, Number.NaN],
      [2, 2, 2],
    ];
    const a = tensor(gpu, p, [1, 4], { requiresGrad: true });
    const b = tensor(gpu, q, [3, 1]);
    const y = f(a, b);
    expect(y.shape).toEqual([3, 4]);
    expect(y.requiresGrad).toBe(false);
    expect([...(await y.data())]).toEqual(q.flatMap((v) => p.map((u) => Number(holds(u, v)))));
    expect([...(await f(a, 2).data())]).toEqual(p.map((u) => Number(holds(u, 2))));
    expect([...(await f(2, a).data())]).toEqual(p.map((u) => Number(holds(2, u))));
  });
});

describe.each([
  ['maximum', maximum, Math.max],
  ['minimum', minimum, Math.min],
] as const)('%s', (_name, f, reference) => {
  it.each<{ a: Shape; b: Shape }>([
    { a: [4, 6], b: [4, 6] },
    { a: [2, 3, 5], b: [3, 1] },
    { a: [6, 1], b: [1, 5] },
    { a: [1, 7], b: [] },
  ])('gradients in mid-graph: $a and $b', async ({ a, b }) => {
    const { gpu } = held;
    // Multiples of 0.05, and the same less 0.025: never nearer than a step.
    const p = spacedTensor(gpu, a, 1, 0.1, { requiresGrad: true });
    const raw = await spacedTensor(gpu, b, 2, 0.1).data();
    const q = tensor(
      gpu,
      raw.map((v) => v - 0.025),
      b,
      { requiresGrad: true },
    );
    await gradcheck((s, t) => scale(f(scale(s, 2), scale(t, 2)), 3), [p, q]);
  });

  it('halves the gradient of equal ones, and lets NaN through', async () => {
    const { gpu } = held;
    const a = tensor(gpu, [1, 2, 3, Number.NaN], [4], { requiresGrad: true });
    const b = tensor(gpu, [2], [1], { requiresGrad: true });
    const y = f(a, b);
    expect([...(await y.data())]).toEqual([1, 2, 3, Number.NaN].map((v) => reference(v, 2)));
    sum(y).backward();
    const larger = f === maximum;
    expect([...(await (a.grad as Tensor).data())]).toEqual([larger ? 0 : 1, 0.5, larger ? 1 : 0, 1]);
    expect([...(await (b.grad as Tensor).data())]).toEqual([2.5]);
  });
});

describe('where', () => {
  it.each<{ c: Shape; a: Shape; b: Shape; y: Shape }>([
    { c: [3, 5], a: [3, 5], b: [3, 5], y: [3, 5] },
    { c: [3, 1], a: [5], b: [2, 1, 5], y: [2, 3, 5] },
    { c: [], a: [1, 7], b: [7], y: [1, 7] },
    { c: [2, 3, 4], a: [], b: [3, 1], y: [2, 3, 4] },
  ])('takes by a condition $c from $a and $b: gradients in mid-graph', async ({ c, a, b, y }) => {
    const { gpu } = held;
    const condition = gt(randomTensor(gpu, c, 1), 0);
    const [p, q] = [randomTensor(gpu, a, 2, { requiresGrad: true }), randomTensor(gpu, b, 3, { requiresGrad: true })];
    expect(where(condition, p, q).shape).toEqual(y);
    const options = { step: 0.5, absolute: 2e-5, relative: 2e-5 };
    await gradcheck((s, t) => scale(where(condition, scale(s, 2), scale(t, 3)), 0.5), [p, q], options);
  });

  it('takes numbers, and counts all but 0 as true', async () => {
    const { gpu } = held;
    const x = tensor(gpu, [-1, 0, 0.5, Number.NaN], [4], { requiresGrad: true });
    expect([...(await where(x, 1, 2).data())]).toEqual([1, 2, 1, 1]);
    sum(where(lt(x, 0), 0, x)).backward();
    expect([...(await (x.grad as Tensor).data())]).toEqual([0, 1, 1, 1]);
  });

  it('keeps a NaN out that is not taken, forward and backward', async () => {
    const { gpu } = held;
    const x = tensor(gpu, [Number.NaN, 2], [2], { requiresGrad: true });
    const y = where(tensor(gpu, [0, 1]), x, 7);
    expect([...(await y.data())]).toEqual([7, 2]);
    y.backward(tensor(gpu, [Number.NaN, 3]));
    expect([...(await (x.grad as Tensor).data())]).toEqual([0, 3]);
  });

  it('says what does not meet', () => {
    const { gpu } = held;
    expect(() => where(randomTensor(gpu, [3], 1), randomTensor(gpu, [2, 3], 1), randomTensor(gpu, [2], 1))).toThrow(
      'where: shape [2] does not repeat over [2,3]',
    );
  });
});
