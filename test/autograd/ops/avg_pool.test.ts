import { describe, expect, it } from 'vitest';
import {
  type AvgPoolOptions,
  adaptiveAvgPool2d,
  add,
  avgPool2d,
  gradcheck,
  pad2d,
  type Size2d,
  scale,
} from '../../../src/node.ts';
import { randomTensor, relativeError, useGpu } from '../../gpu.ts';
import { agreesWithPyTorch } from './golden_operations.ts';

const held = useGpu();

agreesWithPyTorch('avgPool2d', (x, _, options) => avgPool2d(x, options), { tolerance: 1e-6 });

// Pooling is linear, so a step of 0.5 has no curvature error and little rounding.
const LINEAR = { step: 0.5, absolute: 2e-5, relative: 2e-5 };
/** A sum of up to 25 terms and a division: a few roundings of 6e-8. */
const ROUNDING = 1e-6;

interface Window {
  rows: readonly [number, number];
  columns: readonly [number, number];
  divisor: number;
}

/** Means over given windows, [oh][ow], in float64. */
function means(
  x: ArrayLike<number>,
  [n, h, w, c]: readonly number[],
  windows: readonly (readonly Window[])[],
): number[] {
  const y: number[] = [];
  for (let image = 0; image < n; image++)
    for (const row of windows)
      for (const { rows, columns, divisor } of row)
        for (let channel = 0; channel < c; channel++) {
          let sum = 0;
          for (let i = Math.max(0, rows[0]); i < Math.min(h, rows[1]); i++)
            for (let j = Math.max(0, columns[0]); j < Math.min(w, columns[1]); j++)
              sum += x[((image * h + i) * w + j) * c + channel];
          y.push(sum / divisor);
        }
  return y;
}

const range = (length: number) => Array.from({ length }, (_, i) => i);

describe('avgPool2d', () => {
  const cases: { shape: number[]; options: AvgPoolOptions; result: number[] }[] = [
    { shape: [2, 6, 8, 4], options: { kernelSize: 2 }, result: [2, 3, 4, 4] },
    { shape: [1, 7, 5, 3], options: { kernelSize: 3, stride: 2, padding: 1 }, result: [1, 4, 3, 3] },
    {
      shape: [2, 7, 5, 3],
      options: { kernelSize: 3, stride: 2, padding: 1, countIncludePad: false },
      result: [2, 4, 3, 3],
    },
    { shape: [1, 5, 6, 2], options: { kernelSize: [3, 2], stride: [1, 3], padding: [1, 0] }, result: [1, 5, 2, 2] },
    {
      shape: [1, 8, 8, 1],
      options: { kernelSize: 5, stride: 1, padding: 2, countIncludePad: false },
      result: [1, 8, 8, 1],
    },
    // Windows that overhang, and one left out as it would begin behind the border.
    { shape: [2, 7, 8, 4], options: { kernelSize: 2, stride: 3, ceilMode: true }, result: [2, 3, 3, 4] },
    { shape: [1, 7, 6, 3], options: { kernelSize: 3, stride: 2, padding: 1, ceilMode: true }, result: [1, 4, 4, 3] },
    { shape: [1, 5, 4, 2], options: { kernelSize: 2, padding: 1, ceilMode: true }, result: [1, 3, 3, 2] },
    {
      shape: [1, 8, 9, 2],
      options: { kernelSize: 4, stride: 3, padding: 2, ceilMode: true, countIncludePad: false },
      result: [1, 4, 4, 2],
    },
  ];

  it.each(cases)('values and gradient in mid-graph: $shape, $options', async ({ shape, options, result }) => {
    const x = randomTensor(held.gpu, shape, 1, { requiresGrad: true });
    const { kernelSize, stride = kernelSize, countIncludePad = true } = options;
    const padding = (options.padding ?? 0) as Size2d;
    const two = (v: AvgPoolOptions['kernelSize']) => (typeof v === 'number' ? [v, v] : v);
    const [[kh, kw], [sh, sw], [ph, pw]] = [two(kernelSize), two(stride), two(padding)];
    const inside = (first: number, window: number, size: number, pad: number) =>
      countIncludePad
        ? Math.min(first + window, size + pad) - first
        : Math.min(first + window, size) - Math.max(first, 0);
    const windows = range(result[1]).map((oh) =>
      range(result[2]).map((ow) => {
        const [top, left] = [oh * sh - ph, ow * sw - pw];
        const divisor = inside(top, kh, shape[1], ph) * inside(left, kw, shape[2], pw);
        return { rows: [top, top + kh] as const, columns: [left, left + kw] as const, divisor };
      }),
    );
    const y = avgPool2d(x, options);
    expect(y.shape).toEqual(result);
    expect(relativeError(await y.data(), means(await x.data(), shape, windows))).toBeLessThan(ROUNDING);
    await gradcheck((t) => scale(avgPool2d(scale(t, 2), options), 3), [x], LINEAR);
  });

  // [left, right, top, bottom], as ⌈size / stride⌉ windows need them, the odd pixel at the right and below.
  it.each([
    { shape: [2, 7, 6, 3], window: { kernelSize: 2, stride: 1 }, around: [0, 1, 0, 1] as const, windows: [7, 6] },
    { shape: [1, 7, 8, 4], window: { kernelSize: 3, stride: 2 }, around: [0, 1, 1, 1] as const, windows: [4, 4] },
    {
      shape: [1, 5, 9, 2],
      window: { kernelSize: [4, 2], stride: [3, 4] },
      around: [0, 1, 1, 1] as const,
      windows: [2, 3],
    },
    // Windows that leave pixels out need no padding.
    { shape: [1, 6, 6, 2], window: { kernelSize: 1, stride: 4 }, around: [0, 0, 0, 0] as const, windows: [2, 2] },
  ])("padding 'same' of $shape, $window", async ({ shape, window, around, windows }) => {
    const options = { ...window, padding: 'same' } as AvgPoolOptions;
    const x = randomTensor(held.gpu, shape, 1, { requiresGrad: true });
    const y = avgPool2d(x, options);
    expect(y.shape).toEqual([shape[0], ...windows, shape[3]]);
    const bare = { ...window } as AvgPoolOptions;
    const counted = await avgPool2d(pad2d(x, around), bare).data();
    expect(relativeError(await y.data(), counted)).toBeLessThan(ROUNDING);
    // Of ones, padded by zeros, the mean is the share of the image in each window.
    const ones = avgPool2d(pad2d(add(scale(x, 0), 1), around), bare);
    const shares = await ones.data();
    const uncounted = await avgPool2d(x, { ...options, countIncludePad: false }).data();
    expect(
      relativeError(
        uncounted,
        counted.map((value, i) => value / shares[i]),
      ),
    ).toBeLessThan(ROUNDING);
    await gradcheck((t) => scale(avgPool2d(scale(t, 2), options), 3), [x], LINEAR);
    await gradcheck((t) => scale(avgPool2d(scale(t, 2), { ...options, countIncludePad: false }), 3), [x], LINEAR);
  });

  it('says what does not fit', () => {
    const x = randomTensor(held.gpu, [1, 4, 4, 1], 1);
    expect(() => avgPool2d(x, { kernelSize: 5 })).toThrow('avgPool2d: the window [5, 5] does not fit into the input');
  });
});

describe('adaptiveAvgPool2d', () => {
  it.each([
    { shape: [2, 6, 8, 4], size: [3, 2] as const },
    { shape: [1, 7, 5, 3], size: [3, 3] as const },
    { shape: [2, 3, 5, 2], size: [1, 1] as const },
    { shape: [1, 2, 3, 3], size: [5, 4] as const },
  ])('values and gradient in mid-graph: $shape to $size', async ({ shape, size }) => {
    const x = randomTensor(held.gpu, shape, 1, { requiresGrad: true });
    const extent = (place: number, windows: number, whole: number) =>
      [Math.floor((place * whole) / windows), Math.ceil(((place + 1) * whole) / windows)] as const;
    const windows = range(size[0]).map((oh) =>
      range(size[1]).map((ow) => {
        const [rows, columns] = [extent(oh, size[0], shape[1]), extent(ow, size[1], shape[2])];
        return { rows, columns, divisor: (rows[1] - rows[0]) * (columns[1] - columns[0]) };
      }),
    );
    const y = adaptiveAvgPool2d(x, size);
    expect(y.shape).toEqual([shape[0], ...size, shape[3]]);
    expect(relativeError(await y.data(), means(await x.data(), shape, windows))).toBeLessThan(ROUNDING);
    await gradcheck((t) => scale(adaptiveAvgPool2d(scale(t, 2), size), 3), [x], LINEAR);
  });

  it('says what does not fit', () => {
    expect(() => adaptiveAvgPool2d(randomTensor(held.gpu, [4, 4], 1), 1)).toThrow(
      'adaptiveAvgPool2d: the input must be [N, H, W, C]; its shape is [4,4].',
    );
  });
});
