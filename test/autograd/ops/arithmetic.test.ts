import { describe, expect, it } from 'vitest';
import {
  add,
  addRelu,
  div,
  gradcheck,
  mul,
  openDevice,
  pow,
  type Shape,
  scale,
  sub,
  sum,
  type Tensor,
  tensor,
} from '../../../src/node.ts';
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

  it('take no more dispatches than one', async () => {
    // Poisoning new memory would count too.
    const gpu = await openDevice({});
    try {
      const x = randomTensor(gpu, [2, 3, 3, 4], 3);
      const count = (work: () => unknown) => {
        const before = gpu.counters.dispatches;
        gpu.scope(work);
        return gpu.counters.dispatches - before;
      };
      for (const shape of [[2, 3, 3, 4], [4], [2, 1, 1, 4], [2, 1, 1, 1], [3, 1, 4], [2, 1, 3, 1], [5, 1, 1, 1, 1]]) {
        const w = randomTensor(gpu, shape, 4);
        for (const work of [() => add(x, w), () => add(w, x), () => mul(x, w), () => mul(w, x)]) {
          expect(count(work)).toBe(1);
        }
      }
    } finally {
      gpu.close();
    }
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

/** Shapes that meet in every way: alike, one small, both repeated, not neighbours, more dimensions than the other. */
const MEETINGS: readonly { a: Shape; b: Shape; y: Shape }[] = [
  { a: [3, 5], b: [3, 5], y: [3, 5] },
  { a: [5], b: [2, 3, 5], y: [2, 3, 5] },
  { a: [2, 3, 3, 4], b: [2, 1, 3, 1], y: [2, 3, 3, 4] },
  { a: [3, 1], b: [1, 4], y: [3, 4] },
  { a: [1, 3, 1, 2], b: [5, 1, 2, 1], y: [5, 3, 2, 2] },
  { a: [1], b: [], y: [1] },
  { a: [1, 7], b: [7], y: [1, 7] },
  { a: [3, 1, 5], b: [70, 1, 2, 1], y: [70, 3, 2, 5] },
];

const BINARY: readonly { name: string; f: (a: Tensor, b: Tensor) => Tensor; y: (p: number, q: number) => number }[] = [
  { name: 'add', f: add, y: (p, q) => p + q },
  { name: 'sub', f: sub, y: (p, q) => p - q },
  { name: 'mul', f: mul, y: (p, q) => p * q },
  { name: 'div', f: div, y: (p, q) => p / q },
  { name: 'pow', f: pow, y: (p, q) => p ** q },
];

describe.each(BINARY)('$name', ({ f, y }) => {
  it.each(MEETINGS)('of $a and $b: values and gradients in mid-graph', async ({ a, b, y: shape }) => {
    const { gpu } = held;
    const options = { requiresGrad: true, low: 0.5, high: 1.5 };
    const [p, q] = [randomTensor(gpu, a, 1, options), randomTensor(gpu, b, 2, options)];
    const out = f(p, q);
    expect(out.shape).toEqual(shape);
    const [ps, qs] = [await p.data(), await q.data()];
    /** The element of an operand that meets element i of the result. */
    const at = (values: Float32Array, own: Shape, i: number) => {
      let [place, rest, stride] = [0, i, 1];
      for (let d = 1; d <= shape.length; d++) {
        const index = rest % shape[shape.length - d];
        rest = Math.floor(rest / shape[shape.length - d]);
        const size = own[own.length - d] ?? 1;
        if (size > 1) place += index * stride;
        stride *= size;
      }
      return values[place];
    };
    const expected = Array.from({ length: out.size }, (_, i) => y(at(ps, a, i), at(qs, b, i)));
    // A power errs by the rounding of its exponent of 2, here below 1.
    expect(relativeError(await out.data(), expected)).toBeLessThan(2 * ROUNDING);
    await gradcheck((s, t) => scale(f(scale(s, 2), scale(t, 0.5)), 0.5), [p, q], { elements: 30 });
  });

  it('takes numbers on either side', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [2, 3], 3, { requiresGrad: true, low: 0.5, high: 1.5 });
    const values = Array.from(await x.data());
    const operation = f as (a: Tensor | number, b: Tensor | number) => Tensor;
    const right = await operation(x, 3).data();
    const left = await operation(3, x).data();
    // A cube by two products; a power of 3 up to 3^1.5.
    expect(
      relativeError(
        right,
        values.map((v) => y(v, 3)),
      ),
    ).toBeLessThan(2 * ROUNDING);
    expect(
      relativeError(
        left,
        values.map((v) => y(3, v)),
      ),
    ).toBeLessThan(2 * ROUNDING);
    await gradcheck((t) => scale(operation(scale(t, 2), 3), 0.5), [x]);
    await gradcheck((t) => scale(operation(3, scale(t, 0.5)), 0.5), [x]);
    expect(() => operation(2, 3)).toThrow('at least one of the operands must be a tensor');
  });

  it('says what does not meet', () => {
    const { gpu } = held;
    expect(() => f(randomTensor(gpu, [2, 3], 1), randomTensor(gpu, [4, 1, 2], 2))).toThrow(
      ': shape [4,1,2] does not repeat over [2,3], nor that over it: aligned at the last dimension, sizes must be equal or 1.',
    );
  });

  it('gives one tensor in both places both gradients', async () => {
    const x = randomTensor(held.gpu, [2, 3], 4, { requiresGrad: true, low: 0.5, high: 1.5 });
    await gradcheck((t) => f(t, t), [x]);
  });
});

describe('pow of a number', () => {
  it.each([-1.5, -1, 0, 0.5, 1, 2, 3, 2.5])('%d: gradient in mid-graph', async (exponent) => {
    const x = randomTensor(held.gpu, [2, 3, 5], 4, { requiresGrad: true, low: 0.5, high: 1.5 });
    await gradcheck((t) => scale(pow(scale(t, 2), exponent), 0.5), [x]);
  });

  it('takes whole powers of negative numbers and of 0', async () => {
    const x = tensor(held.gpu, [-2, 0, 3], [3], { requiresGrad: true });
    const y = pow(x, 3);
    expect([...(await y.data())]).toEqual([-8, 0, 27]);
    sum(y).backward();
    expect([...(await (x.grad as Tensor).data())]).toEqual([12, 0, 27]);
  });
});
