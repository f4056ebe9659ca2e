import { describe, expect, it } from 'vitest';
import {
  gradcheck,
  type MaxPoolOptions,
  maxPool2d,
  pad2d,
  type Size2d,
  scale,
  sum,
  type Tensor,
  tensor,
} from '../../../src/node.ts';
import { spacedTensor, useGpu } from '../../gpu.ts';
import { agreesWithPyTorch } from './golden_operations.ts';

const held = useGpu();

// Numbers that are only handed on, and sums of a few of them.
agreesWithPyTorch('maxPool2d', (x, _, options) => maxPool2d(x, options), { tolerance: 2e-7 });

const cases: { shape: number[]; options: ReferenceOptions }[] = [
  { shape: [2, 6, 8, 4], options: { kernelSize: 2 } },
  { shape: [1, 7, 5, 3], options: { kernelSize: 2 } },
  { shape: [2, 7, 7, 5], options: { kernelSize: 3, stride: 2, padding: 1 } },
  { shape: [1, 5, 6, 2], options: { kernelSize: [3, 2], stride: [1, 2], padding: [1, 0] } },
  { shape: [1, 4, 4, 1], options: { kernelSize: 4, stride: 1, padding: 2 } },
  { shape: [1, 8, 8, 3], options: { kernelSize: 2, stride: 3 } },
  // Four channels at once.
  { shape: [2, 7, 7, 4], options: { kernelSize: 3, stride: 2, padding: 1 } },
  { shape: [1, 5, 6, 8], options: { kernelSize: [3, 2], stride: [1, 2], padding: [1, 0] } },
  { shape: [1, 5, 5, 4], options: { kernelSize: 5, stride: 1, padding: 2 } },
  { shape: [1, 8, 8, 4], options: { kernelSize: 2, stride: 3 } },
  { shape: [1, 5, 7, 4], options: { kernelSize: 4, stride: 1, padding: 2 } },
  // Rows and columns behind the last window.
  { shape: [2, 7, 5, 4], options: { kernelSize: 2 } },
  { shape: [2, 8, 8, 4], options: { kernelSize: 5, stride: 2 } },
  // Windows that overhang, and one left out as it would begin behind the border.
  { shape: [1, 7, 8, 4], options: { kernelSize: 2, stride: 3, ceilMode: true } },
  { shape: [2, 7, 6, 3], options: { kernelSize: 3, stride: 2, padding: 1, ceilMode: true } },
  { shape: [1, 5, 4, 4], options: { kernelSize: 2, padding: 1, ceilMode: true } },
  // Windows with gaps.
  { shape: [2, 8, 7, 4], options: { kernelSize: 3, stride: 1, padding: 1, dilation: 2 } },
  {
    shape: [1, 9, 11, 3],
    options: { kernelSize: [3, 2], stride: [2, 3], padding: 1, dilation: [2, 3], ceilMode: true },
  },
  { shape: [1, 9, 8, 8], options: { kernelSize: 3, stride: 2, padding: 2, dilation: [3, 2] } },
];

type ReferenceOptions = MaxPoolOptions & { padding?: Size2d };

/** By the definition, with the first of equal values, and NaN above all. */
function reference(
  x: ArrayLike<number>,
  [n, h, w, c]: number[],
  { kernelSize, stride = kernelSize, padding = 0, dilation = 1, ceilMode = false }: ReferenceOptions,
) {
  const two = (v: MaxPoolOptions['kernelSize']) => (typeof v === 'number' ? [v, v] : v);
  const [[kh, kw], [sh, sw], [ph, pw], [dh, dw]] = [two(kernelSize), two(stride), two(padding), two(dilation)];
  // The windows that begin in the image or the border before it, and, but in ceil mode, end before the border behind it does.
  const positions = (size: number, k: number, s: number, p: number, d: number) => {
    let count = 0;
    const fits = (first: number) =>
      ceilMode ? first < size && first + d * (k - 1) < size + p + s - 1 : first + d * (k - 1) < size + p;
    while (fits(count * s - p)) count++;
    return count;
  };
  const [oh, ow] = [positions(h, kh, sh, ph, dh), positions(w, kw, sw, pw, dw)];
  const y: number[] = [];
  for (let b = 0; b < n; b++)
    for (let i = 0; i < oh; i++)
      for (let j = 0; j < ow; j++)
        for (let k = 0; k < c; k++) {
          const seen: number[] = [];
          for (let p = i * sh - ph; p < i * sh - ph + kh * dh; p += dh)
            for (let q = j * sw - pw; q < j * sw - pw + kw * dw; q += dw)
              if (p >= 0 && q >= 0 && p < h && q < w) seen.push(x[((b * h + p) * w + q) * c + k]);
          y.push(Math.max(...seen));
        }
  return Float32Array.from(y);
}

describe('maxPool2d', () => {
  it.each(cases)('values and gradients in mid-graph: $shape, $options', async ({ shape, options }) => {
    const { gpu } = held;
    // Steps of 1e-2 on values 0.05 apart never change a winner.
    const x = spacedTensor(gpu, shape, 1, 0.05, { requiresGrad: true });
    expect(await maxPool2d(x, options).data()).toEqual(reference(await x.data(), shape, options));
    expect(await gradcheck((t) => scale(maxPool2d(scale(t, 2), options), 3), [x])).toBeGreaterThan(15);
  });

  // [left, right, top, bottom], as ⌈size / stride⌉ windows need them, the odd pixel at the right and below.
  it.each([
    { shape: [2, 7, 6, 3], window: { kernelSize: 2, stride: 1 }, around: [0, 1, 0, 1] as const },
    { shape: [1, 7, 8, 4], window: { kernelSize: 3, stride: 2 }, around: [0, 1, 1, 1] as const },
    { shape: [1, 5, 9, 8], window: { kernelSize: [4, 2], stride: [3, 4] }, around: [0, 1, 1, 1] as const },
    { shape: [1, 6, 7, 4], window: { kernelSize: 3, stride: 1, dilation: 2 }, around: [2, 2, 2, 2] as const },
    { shape: [1, 6, 6, 2], window: { kernelSize: 1, stride: 4 }, around: [0, 0, 0, 0] as const },
  ])("padding 'same' of $shape, $window", async ({ shape, window, around }) => {
    const options = { ...window, padding: 'same' } as MaxPoolOptions;
    const x = spacedTensor(held.gpu, shape, 1, 0.05, { requiresGrad: true });
    const padded = maxPool2d(pad2d(x, around, { value: -1e30 }), { ...window } as MaxPoolOptions);
    const y = maxPool2d(x, options);
    expect(y.shape).toEqual(padded.shape);
    expect(await y.data()).toEqual(await padded.data());
    await gradcheck((t) => scale(maxPool2d(scale(t, 2), options), 3), [x]);
  });

  it.each([1, 4])(
    'gives the gradient of equal values to the first, of NaNs to the last, and lets NaN and −∞ through, channels: %i',
    async (channels) => {
      const { gpu } = held;
      /** The same image in each channel. */
      const images = (values: number[]) => Float32Array.from(values.flatMap((v) => Array<number>(channels).fill(v)));
      const x = tensor(gpu, images([7, 7, 7, 7]), [1, 2, 2, channels], { requiresGrad: true });
      sum(maxPool2d(x, { kernelSize: 2 })).backward();
      expect(await (x.grad as Tensor).data()).toEqual(images([1, 0, 0, 0]));
      const odd = tensor(
        gpu,
        images([NaN, 1, NaN, 2, -Infinity, -Infinity, -Infinity, -Infinity]),
        [2, 2, 2, channels],
        {
          requiresGrad: true,
        },
      );
      const y = maxPool2d(odd, { kernelSize: 2 });
      expect(await y.data()).toEqual(images([NaN, -Infinity]));
      sum(y).backward();
      expect(await (odd.grad as Tensor).data()).toEqual(images([0, 0, 1, 0, 1, 0, 0, 0]));
    },
  );

  it.each([1, 4])(
    'gives −∞, and no gradient, where gaps let a window miss the image, channels: %i',
    async (channels) => {
      const x = spacedTensor(held.gpu, [1, 3, 1, channels], 1, 1, { requiresGrad: true });
      // Elements above and below the image alone.
      const y = maxPool2d(x, { kernelSize: [2, 1], stride: 1, padding: [1, 0], dilation: [4, 1] });
      expect(await y.data()).toEqual(new Float32Array(channels).fill(-Infinity));
      sum(y).backward();
      expect(await (x.grad as Tensor).data()).toEqual(new Float32Array(3 * channels));
    },
  );

  it('says what does not fit', () => {
    const x = spacedTensor(held.gpu, [1, 4, 4, 1], 1, 1);
    expect(() => maxPool2d(x, { kernelSize: 5 })).toThrow('the window [5, 5] does not fit into the input [1,4,4,1]');
    expect(() => maxPool2d(x, { kernelSize: 2, padding: 2 })).toThrow(
      'padding [2, 2] is more than half of the window [2, 2]',
    );
    expect(() => maxPool2d(x, { kernelSize: 3, dilation: 2 })).toThrow(
      'maxPool2d: the window [3, 3] with dilation [2, 2] does not fit into the input [1,4,4,1].',
    );
  });
});
