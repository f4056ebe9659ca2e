import { describe, expect, it } from 'vitest';
import { gradcheck, type Pad2dOptions, type Padding2d, pad2d, scale, sum, type Tensor } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { agreesWithPyTorch } from './golden_operations.ts';

const held = useGpu();

// Numbers that are only handed on, and sums of a few of them.
agreesWithPyTorch(
  'pad2d',
  (x, _, { padding, ...options }: Pad2dOptions & { padding: Padding2d }) => pad2d(x, padding, options),
  { tolerance: 3e-7 },
);

// Padding is linear, so a step of 0.5 has no curvature error and little rounding.
const LINEAR = { step: 0.5, absolute: 2e-5, relative: 2e-5 };

const MODES = ['constant', 'reflect', 'replicate'] as const;

const cases: { shape: number[]; padding: Padding2d }[] = [
  { shape: [2, 5, 7, 3], padding: [1, 2, 3, 4] },
  { shape: [1, 4, 3, 4], padding: [2, 2, 3, 3] },
  { shape: [2, 3, 4, 8], padding: 1 },
  { shape: [1, 3, 3, 5], padding: [0, 2, 0, 0] },
  { shape: [3, 2, 2, 1], padding: [1, 0, 0, 1] },
  { shape: [1, 4, 4, 4], padding: 0 },
];

/** Where a place beyond the border comes from, step by step; undefined: from nowhere. */
function source(place: number, size: number, mode: (typeof MODES)[number]): number | undefined {
  if (place >= 0 && place < size) return place;
  if (mode === 'constant') return undefined;
  const from = place < 0 ? place + 1 : place - 1;
  if (mode === 'replicate') return source(from, size, mode);
  return place < 0 ? -place : 2 * (size - 1) - place;
}

describe('pad2d', () => {
  describe.each(MODES)('%s', (mode) => {
    it.each(cases)('values and gradient in mid-graph: $shape, $padding', async ({ shape, padding }) => {
      const x = randomTensor(held.gpu, shape, 1, { requiresGrad: true });
      const values = await x.data();
      const [left, right, top, bottom] = typeof padding === 'number' ? Array<number>(4).fill(padding) : padding;
      const [n, h, w, c] = shape;
      const [oh, ow] = [top + h + bottom, left + w + right];
      const expected = Float32Array.from({ length: n * oh * ow * c }, (_, i) => {
        const row = source((Math.floor(i / (c * ow)) % oh) - top, h, mode);
        const column = source((Math.floor(i / c) % ow) - left, w, mode);
        if (row === undefined || column === undefined) return 0.75;
        return values[((Math.floor(i / (c * ow * oh)) * h + row) * w + column) * c + (i % c)];
      });
      const y = pad2d(x, padding, { mode, value: 0.75 });
      expect(y.shape).toEqual([n, oh, ow, c]);
      expect(await y.data()).toEqual(expected);
      await gradcheck((t) => scale(pad2d(scale(t, 2), padding, { mode }), 3), [x], LINEAR);
    });
  });

  it('takes a border by the edge wider than the image', async () => {
    const x = randomTensor(held.gpu, [1, 2, 1, 4], 1, { requiresGrad: true });
    sum(pad2d(x, [3, 5, 7, 0], { mode: 'replicate' })).backward();
    // Nine columns of eight rows above and of one below.
    expect(await (x.grad as Tensor).data()).toEqual(Float32Array.of(72, 72, 72, 72, 9, 9, 9, 9));
  });

  it('says what does not fit', () => {
    const x = randomTensor(held.gpu, [1, 4, 3, 1], 1);
    expect(() => pad2d(x, [3, 0, 0, 0], { mode: 'reflect' })).toThrow(
      'pad2d: a border by reflection must be less wide than the image; it is [3, 0, 0, 0] around [1,4,3,1].',
    );
    expect(() => pad2d(x, [0, 0, 0, 4], { mode: 'reflect' })).toThrow('less wide than the image');
    expect(() => pad2d(x, -1)).toThrow('pad2d: padding must be an integer of at least 0, or four of them');
    expect(() => pad2d(randomTensor(held.gpu, [4, 3], 1), 1)).toThrow('pad2d: the input must be [N, H, W, C]');
  });
});
