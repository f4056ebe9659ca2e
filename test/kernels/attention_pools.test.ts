import { describe, expect, it } from 'vitest';
import { maxAxes, reduceMax, reduceMaxGrad } from '../../src/kernels/attention_pools.ts';
import { denseStrides } from '../../src/kernels/dimensions.ts';
import { randomValues, useGpu } from '../gpu.ts';

const held = useGpu();

describe('reduceMax', () => {
  it.each([
    { outer: 1, repeat: 1, inner: 1 },
    { outer: 3, repeat: 7, inner: 5 },
    { outer: 1, repeat: 300, inner: 1 },
    { outer: 300, repeat: 2, inner: 1 },
    { outer: 0, repeat: 2, inner: 3 },
  ])('finds the first largest of [$outer, $repeat, $inner] and sends its gradient there', async (extent) => {
    const { gpu } = held;
    const { outer, repeat, inner } = extent;
    // Quarters give ties.
    const x = randomValues(outer * repeat * inner, 1).map((v) => Math.round(4 * v) / 4);
    const dy = randomValues(outer * inner, 2);
    const best = new Float32Array(outer * inner);
    const place = new Uint32Array(outer * inner);
    const dx = new Float32Array(x.length);
    for (let i = 0; i < best.length; i++) {
      const at = (r: number) => (Math.floor(i / inner) * repeat + r) * inner + (i % inner);
      for (let r = 1; r < repeat; r++) if (x[at(r)] > x[at(place[i])]) place[i] = r;
      best[i] = x[at(place[i])];
      dx[at(place[i])] = dy[i];
    }
    const { y, winner } = reduceMax(gpu.upload(x, 'x'), extent);
    expect(await y.read()).toEqual(best);
    expect(await winner.read()).toEqual(place);
    expect(await reduceMaxGrad(gpu.upload(dy, 'dy'), winner, extent).read()).toEqual(dx);
  });

  it.each([
    ['last', 3],
    ['first', 1],
  ] as const)('takes the %s of several NaN', async (nan, row) => {
    const x = held.gpu.upload(Float32Array.of(1, Number.NaN, 5, Number.NaN, 7), 'x');
    const { y, winner } = reduceMax(x, { outer: 1, repeat: 5, inner: 1 }, nan);
    expect([...(await y.read()), ...(await winner.read())]).toEqual([Number.NaN, row]);
  });
});

it.each([
  { shape: [7], axes: [0] },
  { shape: [2, 3, 5, 4], axes: [0, 2] },
  { shape: [2, 3, 5, 4], axes: [1, 2, 3] },
  // In slices, and these again.
  { shape: [70_001], axes: [0] },
  { shape: [3, 1000, 2], axes: [1] },
])('the largest of $shape over $axes', async ({ shape, axes }) => {
  const { gpu } = held;
  const x = randomValues(
    shape.reduce((total, size) => total * size, 1),
    1,
  );
  const reduced = shape.map((_, d) => axes.includes(d));
  const small = shape.map((size, d) => (reduced[d] ? 1 : size));
  const [inner, own] = [denseStrides(shape), denseStrides(small)];
  const expected = new Float32Array(small.reduce((total, size) => total * size, 1)).fill(Number.NEGATIVE_INFINITY);
  x.forEach((v, i) => {
    const at = shape.reduce((p, size, d) => p + (reduced[d] ? 0 : own[d] * (Math.floor(i / inner[d]) % size)), 0);
    expected[at] = Math.max(expected[at], v);
  });
  expect(await maxAxes(gpu.upload(x, 'x'), shape, reduced).read()).toEqual(expected);
});
