import { describe, expect, it } from 'vitest';
import {
  abs,
  add,
  clamp,
  exp,
  gelu,
  gradcheck,
  leakyRelu,
  log,
  neg,
  scale,
  sigmoid,
  silu,
  sqrt,
  sum,
  type Tensor,
  tanh,
  tensor,
} from '../../../src/node.ts';
import { randomTensor, relativeError, spacedTensor, useGpu } from '../../gpu.ts';

const held = useGpu();

/** The error function by its series: up to 4 its terms stay below e^16, so that float64 leaves an error of 1e-9. */
function erf(v: number): number {
  if (Math.abs(v) > 4) return Math.sign(v); // short of 1 by less than 2e-8
  let term = v;
  let total = v;
  for (let k = 1; k < 120; k++) {
    term *= (-v * v) / k;
    total += term / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

const sigma = (v: number) => 1 / (1 + Math.exp(-v));
const phi = (v: number) => 0.5 * (1 + erf(v / Math.SQRT2));

/** What the logistic function is taken of in gelu by tanh. */
const curve = (v: number) => 2 * Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3);
const KINKED = ['leakyRelu', 'abs', 'neg'];

const ACTIVATIONS: { name: string; f: (x: Tensor) => Tensor; y: (v: number) => number; dy: (v: number) => number }[] = [
  { name: 'sigmoid', f: sigmoid, y: sigma, dy: (v) => sigma(v) * (1 - sigma(v)) },
  { name: 'silu', f: silu, y: (v) => v * sigma(v), dy: (v) => sigma(v) * (1 + v * (1 - sigma(v))) },
  {
    ...{ name: 'gelu', f: gelu, y: (v: number) => v * phi(v) },
    dy: (v) => phi(v) + (v * Math.exp(-0.5 * v * v)) / Math.sqrt(2 * Math.PI),
  },
  {
    name: 'gelu by tanh',
    f: (x) => gelu(x, { approximate: 'tanh' }),
    y: (v) => v * sigma(curve(v)),
    dy: (v) => {
      const s = sigma(curve(v));
      return s + v * s * (1 - s) * 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * v * v);
    },
  },
  { name: 'tanh', f: tanh, y: Math.tanh, dy: (v) => 1 - Math.tanh(v) ** 2 },
  { name: 'abs', f: abs, y: Math.abs, dy: Math.sign },
  { name: 'neg', f: neg, y: (v) => -v, dy: () => -1 },
  { name: 'leakyRelu', f: (x) => leakyRelu(x, 0.1), y: (v) => (v > 0 ? v : 0.1 * v), dy: (v) => (v > 0 ? 1 : 0.1) },
];

describe.each(ACTIVATIONS)('$name', ({ name, f, y, dy }) => {
  it.each([[[2, 3, 5, 3]], [[1, 7]], [[4, 64]]])('values and slopes against float64, %j', async (shape) => {
    const { gpu } = held;
    const x = randomTensor(gpu, shape, 1, { requiresGrad: true, low: -8, high: 8 });
    const values = Array.from(await x.data());
    const out = f(x);
    // An exponential of an argument up to 32 carries that argument's rounding, 32 · 6e-8, and errs by a few ulp itself.
    expect(relativeError(await out.data(), values.map(y))).toBeLessThan(2e-6);
    sum(out).backward();
    expect(relativeError(await (x.grad as Tensor).data(), values.map(dy))).toBeLessThan(4e-6);
  });

  it('gradient in mid-graph', async () => {
    const x = spacedTensor(held.gpu, [2, 3, 5, 3], 5, 0.05, { requiresGrad: true });
    const checked = await gradcheck(
      (t) => scale(f(scale(t, 2)), 0.5),
      [x],
      KINKED.includes(name) ? {} : { step: 5e-3 },
    );
    expect(checked).toBe(90);
  });

  it('stays finite far out', async () => {
    const { gpu } = held;
    const far = Float32Array.of(-1e4, -200, -100, 100, 200, 1e4, 0);
    const x = tensor(gpu, far, [7], { requiresGrad: true });
    const out = f(x);
    const got = await out.data();
    Array.from(far, y).forEach((v, i) => {
      expect(Math.abs(got[i] - v)).toBeLessThanOrEqual(1e-30 + 1e-6 * Math.abs(v));
    });
    sum(out).backward();
    const slopes = await (x.grad as Tensor).data();
    Array.from(far, dy).forEach((v, i) => {
      expect(Math.abs(slopes[i] - v)).toBeLessThan(1e-6);
    });
  });

  it('lets NaN through', async () => {
    const y = await f(tensor(held.gpu, [Number.NaN, 1])).data();
    expect(y[0]).toBeNaN();
    expect(y[1]).not.toBeNaN();
  });
});

describe('exp, log, sqrt and clamp', () => {
  it.each([[[2, 3, 5, 3]], [[1, 7]], [[1]]])('gradients in mid-graph, %j', async (shape) => {
    const { gpu } = held;
    const x = randomTensor(gpu, shape, 4, { requiresGrad: true });
    await gradcheck((t) => scale(exp(scale(t, 2)), 0.5), [x], { step: 5e-3 });
    const positive = randomTensor(gpu, shape, 5, { requiresGrad: true, low: 0.5, high: 2 });
    await gradcheck((t) => scale(log(scale(t, 2)), 0.5), [positive]);
    await gradcheck((t) => scale(sqrt(scale(t, 2)), 0.5), [positive]);
    // Doubled, multiples of 0.1: no step crosses ends that lie between.
    const spaced = spacedTensor(gpu, shape, 6, 0.1, { requiresGrad: true });
    await gradcheck((t) => scale(clamp(scale(t, 2), { min: -0.45, max: 1.05 }), 3), [spaced]);
    await gradcheck((t) => scale(clamp(add(t, t), { max: 0.45 }), 3), [spaced]);
    await gradcheck((t) => scale(clamp(add(t, t), { min: 0.45 }), 3), [spaced]);
  });

  it('clamp gives the ends of its range the whole gradient, and refuses NaN', async () => {
    const x = tensor(held.gpu, [-2, -1, 0, 1, 2], [5], { requiresGrad: true });
    sum(clamp(x, { min: -1, max: 1 })).backward();
    expect([...(await (x.grad as Tensor).data())]).toEqual([0, 1, 1, 1, 0]);
    expect(() => clamp(x, { min: Number.NaN })).toThrow(new RangeError('clamp: the range is NaN to Infinity.'));
  });
});
