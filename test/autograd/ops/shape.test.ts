import { describe, expect, it } from 'vitest';
import { flatten, gradcheck, permute, reshape, type Shape, scale, type Tensor, transpose } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();

// All of these are linear, so a step of 0.5 has no curvature error and little rounding.
const LINEAR = { step: 0.5, absolute: 2e-5, relative: 2e-5 };

describe('reshape and flatten', () => {
  it.each<{ f: (x: Tensor) => Tensor; name: string; from: Shape; to: Shape }>([
    { name: 'reshape', f: (x) => reshape(x, [5, 6]), from: [2, 3, 5], to: [5, 6] },
    { name: 'reshape with one size open', f: (x) => reshape(x, [3, -1]), from: [2, 3, 5], to: [3, 10] },
    { name: 'reshape to a number', f: (x) => reshape(x, []), from: [1, 1], to: [] },
    { name: 'flatten', f: (x) => flatten(x), from: [2, 3, 5, 3], to: [2, 45] },
    { name: 'flatten of a vector', f: (x) => flatten(x), from: [7], to: [7, 1] },
    { name: 'flatten from 0', f: (x) => flatten(x, 0), from: [2, 3, 5], to: [30] },
    { name: 'flatten in the middle', f: (x) => flatten(x, 1, 2), from: [2, 3, 5, 3], to: [2, 15, 3] },
    { name: 'flatten of one', f: (x) => flatten(x, -2, -2), from: [2, 3, 5], to: [2, 3, 5] },
  ])('$name: $from to $to', async ({ f, from, to }) => {
    const x = randomTensor(held.gpu, from, 1, { requiresGrad: true });
    const y = f(x);
    expect(y.shape).toEqual(to);
    expect(await y.data()).toEqual(await x.data());
    await gradcheck((t) => scale(f(scale(t, 2)), 3), [x], LINEAR);
  });

  it('say what does not fit', () => {
    const x = randomTensor(held.gpu, [2, 3], 1);
    for (const shape of [[4], [4, -1], [-1, -1], [-2, -3], [0, -1]]) {
      expect(() => reshape(x, shape)).toThrow(`reshape: the shape [2,3] has 6 elements, which do not fit [${shape}].`);
    }
    expect(() => flatten(x, 1, 0)).toThrow('flatten: dimension 0 of the shape [2,3] is before 1.');
    expect(() => flatten(x, 2)).toThrow('flatten: there is no dimension 2 in the shape [2,3].');
  });
});

describe('permute and transpose', () => {
  it.each<{ shape: Shape; order: number[]; to: Shape }>([
    { shape: [2, 3, 5, 4], order: [0, 3, 1, 2], to: [2, 4, 3, 5] },
    { shape: [2, 3, 5], order: [-1, 0, 1], to: [5, 2, 3] },
    { shape: [1, 3, 5], order: [1, 0, 2], to: [3, 1, 5] },
    { shape: [4], order: [0], to: [4] },
    { shape: [], order: [], to: [] },
  ])('permute: $shape by $order', async ({ shape, order, to }) => {
    const x = randomTensor(held.gpu, shape, 1, { requiresGrad: true });
    const y = permute(x, order);
    expect(y.shape).toEqual(to);
    // Back by the inverse order.
    const places = order.map((axis) => (axis < 0 ? axis + shape.length : axis));
    const back = permute(
      y,
      places.map((_, d) => places.indexOf(d)),
    );
    expect(back.shape).toEqual(shape);
    expect(await back.data()).toEqual(await x.data());
    await gradcheck((t) => scale(permute(scale(t, 2), order), 3), [x], LINEAR);
  });

  it.each<{ shape: Shape; dims: [number, number]; to: Shape }>([
    { shape: [3, 5], dims: [0, 1], to: [5, 3] },
    { shape: [2, 3, 5], dims: [-1, -2], to: [2, 5, 3] },
    { shape: [2, 3, 5], dims: [0, 2], to: [5, 3, 2] },
    { shape: [2, 3, 5], dims: [1, 1], to: [2, 3, 5] },
  ])('transpose: $dims of $shape', async ({ shape, dims, to }) => {
    const x = randomTensor(held.gpu, shape, 1, { requiresGrad: true });
    const y = transpose(x, ...dims);
    expect(y.shape).toEqual(to);
    const values = await x.data();
    const got = await y.data();
    const stride = (sizes: Shape, d: number) => sizes.slice(d + 1).reduce((product, size) => product * size, 1);
    const [a, b] = dims.map((d) => (d < 0 ? d + shape.length : d));
    values.forEach((v, i) => {
      const index = shape.map((size, d) => Math.floor(i / stride(shape, d)) % size);
      [index[a], index[b]] = [index[b], index[a]];
      expect(got[index.reduce((place, at, d) => place + at * stride(to, d), 0)]).toBe(v);
    });
    await gradcheck((t) => scale(transpose(scale(t, 2), ...dims), 3), [x], LINEAR);
  });

  it('say what is no order', () => {
    const x = randomTensor(held.gpu, [2, 3], 1);
    for (const order of [[0], [0, 0], [0, -2], [0, 1, 1]]) {
      expect(() => permute(x, order)).toThrow(
        `permute: the order [${order}] does not name each dimension of the shape [2,3] once.`,
      );
    }
    expect(() => transpose(x, 0, 2)).toThrow('transpose: there is no dimension 2 in the shape [2,3].');
  });
});
