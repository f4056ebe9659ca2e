import { describe, expect, it } from 'vitest';
import { concat, gradcheck, pad, type Range, scale, slice, tensor } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();

// All of these are linear, so a step of 0.5 has no curvature error and little rounding.
const LINEAR = { step: 0.5, absolute: 2e-5, relative: 2e-5 };

/** The element at an index of a dense array. */
function at(values: ArrayLike<number>, shape: readonly number[], index: readonly number[]): number {
  return values[index.reduce((place, i, d) => place * shape[d] + i, 0)];
}

/** All indices of a shape, the last dimension fastest. */
function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (found, size) => found.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}

describe('slice', () => {
  const cases: { shape: number[]; ranges: Range[]; result: number[] }[] = [
    { shape: [2, 5, 7, 3], ranges: [{}, { step: 2 }, { step: 2 }], result: [2, 3, 4, 3] },
    {
      shape: [1, 4, 4, 8],
      ranges: [{}, { start: 1, end: 4, step: 2 }, {}, { start: 2, end: 7 }],
      result: [1, 2, 4, 5],
    },
    { shape: [5, 3], ranges: [{ start: 4 }], result: [1, 3] },
    { shape: [11], ranges: [{ start: 1, step: 3 }], result: [4] },
  ];

  it.each(cases)('values and gradient in mid-graph: $shape, $ranges', async ({ shape, ranges, result }) => {
    const x = randomTensor(held.gpu, shape, 1, { requiresGrad: true });
    const values = await x.data();
    const y = slice(x, ranges);
    expect(y.shape).toEqual(result);
    const expected = indicesOf(result).map((index) =>
      at(
        values,
        shape,
        index.map((i, d) => (ranges[d]?.start ?? 0) + i * (ranges[d]?.step ?? 1)),
      ),
    );
    expect(await y.data()).toEqual(Float32Array.from(expected));
    await gradcheck((t) => scale(slice(scale(t, 2), ranges), 3), [x], LINEAR);
  });

  it('says what it cannot take', () => {
    const x = randomTensor(held.gpu, [2, 3], 1);
    expect(() => slice(x, [{ start: 2 }])).toThrow('slice: 2:2:1 is no range of dimension 0 of the shape [2,3].');
    expect(() => slice(x, [{}, { end: 4 }])).toThrow('slice: 0:4:1 is no range of dimension 1 of the shape [2,3].');
    expect(() => slice(x, [{}, {}, {}])).toThrow('slice: 3 ranges for the shape [2,3]');
  });
});

describe('pad', () => {
  const cases: { shape: number[]; around: [number, number][]; result: number[] }[] = [
    {
      shape: [2, 3, 5, 3],
      around: [
        [0, 0],
        [1, 2],
        [2, 0],
      ],
      result: [2, 6, 7, 3],
    },
    {
      shape: [1, 2, 2, 5],
      around: [
        [0, 0],
        [0, 0],
        [0, 0],
        [4, 3],
      ],
      result: [1, 2, 2, 12],
    },
    { shape: [3], around: [[0, 2]], result: [5] },
  ];

  it.each(cases)('values and gradient in mid-graph: $shape, $around', async ({ shape, around, result }) => {
    const x = randomTensor(held.gpu, shape, 1, { requiresGrad: true });
    const values = await x.data();
    const y = pad(x, around);
    expect(y.shape).toEqual(result);
    const expected = indicesOf(result).map((index) => {
      const from = index.map((i, d) => i - (around[d]?.[0] ?? 0));
      return from.every((i, d) => i >= 0 && i < shape[d]) ? at(values, shape, from) : 0;
    });
    expect(await y.data()).toEqual(Float32Array.from(expected));
    await gradcheck((t) => scale(pad(scale(t, 2), around), 3), [x], LINEAR);
  });

  it('with slice makes the parameter-free shortcut of a ResNet for CIFAR', async () => {
    const x = tensor(held.gpu, Float32Array.of(1, 2, 3, 4), [1, 2, 2, 1]);
    const shortcut = pad(slice(x, [{}, { step: 2 }, { step: 2 }]), [
      [0, 0],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
    expect(shortcut.shape).toEqual([1, 1, 1, 3]);
    expect(await shortcut.data()).toEqual(Float32Array.of(0, 1, 0));
  });

  it('says what it cannot take', () => {
    const x = randomTensor(held.gpu, [2, 3], 1);
    expect(() => pad(x, [[-1, 0]])).toThrow('pad: the numbers of zeros must be integers of at least 0');
    expect(() =>
      pad(x, [
        [0, 0],
        [0, 0],
        [0, 0],
      ]),
    ).toThrow('pad: 3 pairs for the shape [2,3]');
  });
});

describe('concat', () => {
  const cases: { shapes: number[][]; axis?: number; result: number[] }[] = [
    {
      shapes: [
        [2, 3, 5, 3],
        [2, 3, 5, 4],
      ],
      result: [2, 3, 5, 7],
    },
    {
      shapes: [
        [1, 2, 2, 4],
        [1, 2, 2, 1],
        [1, 2, 2, 8],
      ],
      result: [1, 2, 2, 13],
    },
    {
      shapes: [
        [1, 3],
        [2, 3],
      ],
      axis: 0,
      result: [3, 3],
    },
    {
      shapes: [
        [2, 3, 2, 3],
        [2, 1, 2, 3],
      ],
      axis: -3,
      result: [2, 4, 2, 3],
    },
  ];

  it.each(cases)('values and gradients in mid-graph: $shapes along $axis', async ({ shapes, axis, result }) => {
    const { gpu } = held;
    const parts = shapes.map((shape, i) => randomTensor(gpu, shape, i + 1, { requiresGrad: true }));
    const values = await Promise.all(parts.map((part) => part.data()));
    const along = (axis ?? -1) < 0 ? (axis ?? -1) + result.length : (axis as number);
    const y = concat(parts, axis);
    expect(y.shape).toEqual(result);
    const expected = indicesOf(result).map((index) => {
      let place = index[along];
      let k = 0;
      while (place >= shapes[k][along]) place -= shapes[k++][along];
      return at(values[k], shapes[k], index.with(along, place));
    });
    expect(await y.data()).toEqual(Float32Array.from(expected));
    await gradcheck(
      (...ts) =>
        scale(
          concat(
            ts.map((t, i) => scale(t, i + 2)),
            axis,
          ),
          3,
        ),
      parts,
      LINEAR,
    );
  });

  it('says what does not fit', () => {
    const { gpu } = held;
    const [a, b] = [randomTensor(gpu, [2, 3], 1), randomTensor(gpu, [3, 3], 1)];
    expect(() => concat([a, b])).toThrow('concat: the shapes [2,3], [3,3] differ in more than dimension 1.');
    expect(() => concat([a, b], 2)).toThrow('concat: there is no dimension 2 in the shape [2,3].');
    expect(() => concat([])).toThrow('concat: at least one tensor is needed.');
  });
});
