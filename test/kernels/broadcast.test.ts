import { expect, it } from 'vitest';
import { expandAxes, sumAxes } from '../../src/kernels/broadcast.ts';
import { denseStrides } from '../../src/kernels/dimensions.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';

const held = useGpu();

it.each([
  { shape: [7], axes: [0] },
  { shape: [3, 130], axes: [1] },
  { shape: [130, 3], axes: [0] },
  { shape: [130, 8], axes: [0] },
  { shape: [2, 3, 5, 4], axes: [1, 2] },
  { shape: [2, 3, 5, 4], axes: [0, 2] },
  { shape: [2, 3, 5, 4], axes: [0, 3] },
  { shape: [2, 3, 5, 4], axes: [0, 1, 2, 3] },
  { shape: [2, 1, 5], axes: [0, 2] },
  { shape: [2, 3, 1, 5, 1, 3], axes: [1, 2, 5] },
  { shape: [5, 1], axes: [1] },
  { shape: [1, 1], axes: [0, 1] },
])('sums $shape over $axes, and back', async ({ shape, axes }) => {
  const { gpu } = held;
  const count = shape.reduce((total, size) => total * size, 1);
  const reduced = shape.map((_, d) => axes.includes(d));
  const small = shape.map((size, d) => (reduced[d] ? 1 : size));
  const [inner, smallInner] = [denseStrides(shape), denseStrides(small)];
  const at = (i: number) =>
    shape.reduce((place, size, d) => place + (reduced[d] ? 0 : smallInner[d] * (Math.floor(i / inner[d]) % size)), 0);
  const factor = count === 1 || axes.every((d) => shape[d] === 1) ? 1 : 0.5;
  const x = randomValues(count, 1);
  const expected = new Float64Array(small.reduce((total, size) => total * size, 1));
  x.forEach((v, i) => {
    expected[at(i)] += factor * v;
  });
  const sums = await sumAxes(gpu.upload(x, 'x'), shape, reduced, factor).read();
  // Sums of up to 130 numbers below 1.
  expect(relativeError(sums, expected)).toBeLessThan(4e-6);
  const dy = randomValues(expected.length, 2);
  const dx = await expandAxes(gpu.upload(dy, 'dy'), shape, reduced, factor).read();
  expect(dx).toEqual(x.map((_, i) => factor * dy[at(i)]));
});
