import { describe, expect, it } from 'vitest';
import { gelu, gradcheck, leakyRelu, scale, sigmoid, silu, sum, type Tensor, tensor } from '../../../src/node.ts';
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

const ACTIVATIONS: { name: string; f: (x: Tensor) => Tensor; y: (v: number) => number; dy: (v: number) => number }[] = [
  { name: 'sigmoid', f: sigmoid, y: sigma, dy: (v) => sigma(v) * (1 - sigma(v)) },
  { name: 'silu', f: silu, y: (v) => v * sigma(v), dy: (v) => sigma(v) * (1 + v * (1 - sigma(v))) },
  {
    ...{ name: 'gelu', f: gelu, y: (v: number) => v * phi(v) },
    dy: (v) => phi(v) + (v * Math.exp(-0.5 * v * v)) / Math.sqrt(2 * Math.PI),
  },
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
    const checked = await gradcheck((t) => scale(f(scale(t, 2)), 0.5), [x], name === 'leakyRelu' ? {} : { step: 5e-3 });
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
