import { describe, expect, it } from 'vitest';
import { CosineLinear, gradcheck, Philox, scale } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();
const make = (options: ConstructorParameters<typeof CosineLinear>[3] = {}) =>
  new CosineLinear(held.gpu, 7, 5, { generator: new Philox(1), ...options });

describe('CosineLinear', () => {
  it('gives the cosines of inputs and weights times the scale, whatever their lengths', async () => {
    const layer = make({ scale: 16 });
    const x = randomTensor(held.gpu, [3, 7], 2);
    const [y, values, weight] = await Promise.all([layer.call(x).data(), x.data(), layer.weight.data()]);
    for (let n = 0; n < 3; n++) {
      for (let c = 0; c < 5; c++) {
        const row = Array.from(values.subarray(n * 7, n * 7 + 7));
        const column = Array.from({ length: 7 }, (_, i) => weight[i * 5 + c]);
        const product = row.reduce((sum, value, i) => sum + value * column[i], 0);
        expect(Math.hypot(...column)).toBeCloseTo(1, 6);
        expect(y[n * 5 + c]).toBeCloseTo((16 * product) / Math.hypot(...row), 5);
      }
    }
    const longer = await layer.call(scale(x, 40)).data();
    expect(Math.max(...longer.map((value, i) => Math.abs(value - y[i])))).toBeLessThan(1e-5);
  });

  it.each(['learned', 30] as const)('has the right gradients in the middle of a graph, scale %s', async (of) => {
    const layer = make({ scale: of });
    expect(layer.parameters().length).toBe(of === 'learned' ? 2 : 1);
    const x = randomTensor(held.gpu, [2, 7], 3, { requiresGrad: true });
    await gradcheck(
      (t, weight, factor) => {
        Object.assign(layer, { weight, scale: factor });
        return scale(layer.call(scale(t, 2)), 0.1);
      },
      [x, layer.weight, layer.scale],
    );
  });

  it('keeps its scale with its weights', () => {
    expect([...make().stateDict().keys()]).toEqual(['weight', 'scale']);
  });

  it.each([0, -1, Number.NaN])('refuses the scale %s', (of) => {
    expect(() => make({ scale: of })).toThrow(`CosineLinear: scale must be a number above 0 or 'learned', not ${of}.`);
  });
});
