import { describe, expect, it } from 'vitest';
import { denseStrides, mergeDimensions, stridedParams } from '../../src/kernels/dimensions.ts';

describe('denseStrides', () => {
  it('counts the elements of the dimensions behind', () => {
    expect(denseStrides([2, 3, 5])).toEqual([15, 5, 1]);
    expect(denseStrides([])).toEqual([]);
  });
});

describe('mergeDimensions', () => {
  it('makes one dimension of those that lie behind one another in all arrays', () => {
    const strides = { a: [15, 5, 1], b: [0, 5, 1] };
    expect(mergeDimensions({ sizes: [2, 3, 5], strides })).toEqual({
      sizes: [2, 15],
      strides: { a: [15, 1], b: [0, 1] },
    });
    expect(mergeDimensions({ sizes: [2, 3, 5], strides: { a: [15, 5, 1] } })).toEqual({
      sizes: [30],
      strides: { a: [1] },
    });
  });

  it('leaves out dimensions of size 1, and merges what repeats together', () => {
    const strides = { a: [7, 9, 0, 0, 1] };
    expect(mergeDimensions({ sizes: [2, 1, 3, 4, 7], strides })).toEqual({
      sizes: [2, 12, 7],
      strides: { a: [7, 0, 1] },
    });
  });
});

describe('stridedParams', () => {
  it('names sizes and strides by their places, the given ones last', () => {
    const params = stridedParams('op', { sizes: [2, 3], strides: { x: [1, 2] } });
    expect(params).toMatchObject({ count: 6, size_3: 1, size_4: 2, size_5: 3, x_3: 0, x_4: 1, x_5: 2 });
  });

  it('says that there are too many', () => {
    const sizes = [2, 2, 2, 2, 2, 2, 2];
    const strides = { a: [64, 0, 16, 0, 4, 0, 1] };
    expect(() => stridedParams('add', { sizes, strides })).toThrow(
      'add: the result [2,2,2,2,2,2,2] takes 7 dimensions that lie unlike; there may be 6.',
    );
  });
});
