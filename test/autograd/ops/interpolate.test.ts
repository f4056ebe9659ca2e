import { describe, expect, it } from 'vitest';
import { gradcheck, type InterpolateOptions, interpolate, scale, tensor } from '../../../src/node.ts';
import { randomTensor, relativeError, useGpu } from '../../gpu.ts';
import { agreesWithPyTorch } from './golden_operations.ts';

const held = useGpu();

// Places of up to 12 pixels, rounded at 6e-8 of them, decide the shares.
agreesWithPyTorch('upsample', (x, _, options) => interpolate(x, options), { tolerance: 2e-6 });

// Linear, so a step of 0.5 has no curvature error and little rounding.
const LINEAR = { step: 0.5, absolute: 2e-5, relative: 2e-5 };

const cases: { shape: number[]; options: InterpolateOptions; size: [number, number] }[] = [
  { shape: [2, 4, 3, 4], options: { scaleFactor: 2 }, size: [8, 6] },
  { shape: [1, 5, 7, 3], options: { scaleFactor: [3, 1.5] }, size: [15, 10] },
  { shape: [2, 7, 5, 8], options: { size: [3, 11] }, size: [3, 11] },
  { shape: [1, 1, 3, 5], options: { size: 4 }, size: [4, 4] },
  { shape: [1, 9, 8, 1], options: { scaleFactor: 0.4 }, size: [3, 3] },
  { shape: [2, 6, 5, 4], options: { size: 1 }, size: [1, 1] },
];

/** The old places around a new one, with their shares, in float64. */
function places(to: number, from: number, positions: number, factor: number | undefined, options: InterpolateOptions) {
  const step = factor === undefined ? from / positions : 1 / factor;
  if (options.mode !== 'bilinear') return [[Math.min(Math.floor(to * step), from - 1), 1]] as const;
  const aligned = positions > 1 ? (to * (from - 1)) / (positions - 1) : 0;
  const at = options.alignCorners ? aligned : Math.max((to + 0.5) * step - 0.5, 0);
  const low = Math.min(Math.floor(at), from - 1);
  const share = Math.min(at - low, 1);
  return [
    [low, 1 - share],
    [Math.min(low + 1, from - 1), share],
  ] as const;
}

const ways = [{ mode: 'nearest' }, { mode: 'bilinear' }, { mode: 'bilinear', alignCorners: true }] as const;

describe.each(ways)('interpolate, $mode, corners aligned: $alignCorners', (way) => {
  it.each(cases)('values and gradient in mid-graph: $shape, $options', async ({ shape, options, size: [oh, ow] }) => {
    const x = randomTensor(held.gpu, shape, 1, { requiresGrad: true });
    const values = await x.data();
    const [n, h, w, c] = shape;
    const factors = options.scaleFactor === undefined ? [] : [options.scaleFactor].flat();
    const all = { ...options, ...way };
    const expected = Float64Array.from({ length: n * oh * ow * c }, (_, i) => {
      const image = Math.floor(i / (c * ow * oh));
      let sum = 0;
      for (const [p, a] of places(Math.floor(i / (c * ow)) % oh, h, oh, factors[0], all))
        for (const [q, b] of places(Math.floor(i / c) % ow, w, ow, factors[1] ?? factors[0], all))
          sum += a * b * values[((image * h + p) * w + q) * c + (i % c)];
      return sum;
    });
    const y = interpolate(x, all);
    expect(y.shape).toEqual([n, oh, ow, c]);
    expect(relativeError(await y.data(), expected)).toBeLessThan(2e-6);
    await gradcheck((t) => scale(interpolate(scale(t, 2), all), 3), [x], LINEAR);
  });
});

describe('interpolate', () => {
  it('takes whole pixels, infinite ones too, by the nearest', async () => {
    const x = tensor(held.gpu, [Infinity, 1, 2, -Infinity], [1, 2, 2, 1]);
    const y = await interpolate(x, { scaleFactor: [1, 2] }).data();
    expect([...y]).toEqual([Infinity, Infinity, 1, 1, 2, 2, -Infinity, -Infinity]);
  });

  it('hands each part of the gradient on once, whatever the factor rounds to', async () => {
    const { gpu } = held;
    for (const factor of [3, 5, 7, 11, 41, 47]) {
      const x = randomTensor(gpu, [1, 1, 9, 4], 1, { requiresGrad: true });
      const y = interpolate(x, { scaleFactor: [1, factor] });
      y.backward(tensor(gpu, new Float32Array(y.size).fill(1), y.shape));
      const total = (await x.grad!.data()).reduce((sum, g) => sum + g, 0);
      expect(total).toBe(36 * factor);
    }
  });

  it('says what does not fit', () => {
    const x = randomTensor(held.gpu, [1, 4, 3, 1], 1);
    expect(() => interpolate(x, {})).toThrow('interpolate: give either size or scaleFactor.');
    expect(() => interpolate(x, { size: 2, scaleFactor: 2 })).toThrow('interpolate: give either size or scaleFactor.');
    expect(() => interpolate(x, { scaleFactor: 0 })).toThrow('scaleFactor must be a number above 0');
    expect(() => interpolate(x, { scaleFactor: 0.3 })).toThrow('scaleFactor 0.3 leaves nothing of [1,4,3,1]');
    expect(() => interpolate(x, { size: 2, alignCorners: true })).toThrow("alignCorners is for mode 'bilinear'");
    expect(() => interpolate(randomTensor(held.gpu, [4, 3], 1), { size: 2 })).toThrow('must be [N, H, W, C]');
  });
});
