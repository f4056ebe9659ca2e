import { expect, it } from 'vitest';
import { denseStrides } from '../../src/kernels/dimensions.ts';
import { permute } from '../../src/kernels/strided.ts';
import { randomValues, useGpu } from '../gpu.ts';

const held = useGpu();

it.each<{ shape: number[]; order: number[] }>([
  { shape: [3, 5], order: [1, 0] },
  { shape: [4, 8], order: [1, 0] },
  { shape: [1, 7], order: [1, 0] },
  { shape: [2, 3, 5], order: [0, 2, 1] },
  { shape: [2, 4, 8], order: [0, 2, 1] },
  { shape: [2, 3, 5], order: [2, 1, 0] },
  { shape: [2, 3, 5], order: [1, 0, 2] },
  { shape: [2, 5, 3, 4], order: [0, 3, 1, 2] },
  { shape: [2, 5, 3, 4], order: [3, 1, 0, 2] },
  { shape: [2, 3, 2, 3, 2, 3], order: [5, 3, 1, 4, 2, 0] },
  { shape: [2, 1, 1, 3, 2, 2, 2, 2], order: [7, 1, 2, 6, 5, 4, 0, 3] },
  { shape: [3, 4, 5], order: [0, 1, 2] },
])('brings dimensions into another order: $shape by $order', async ({ shape, order }) => {
  const { gpu } = held;
  const x = randomValues(
    shape.reduce((total, size) => total * size, 1),
    1,
  );
  const sizes = order.map((d) => shape[d]);
  const strides = order.map((d) => denseStrides(shape)[d]);
  const inner = denseStrides(sizes);
  const expected = x.map((_, i) => x[strides.reduce((at, s, d) => at + s * (Math.floor(i / inner[d]) % sizes[d]), 0)]);
  expect(await permute('permute', gpu.upload(x, 'x'), sizes, strides).read()).toEqual(expected);
});
