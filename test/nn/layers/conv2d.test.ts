import { describe, expect, it } from 'vitest';
import { Conv2d, fromTorch, imagesFromTorch, Philox, tensor } from '../../../src/node.ts';
import cases from '../../fixtures/nn/grouped_conv.json' with { type: 'json' };
import { relativeError, useGpu } from '../../gpu.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [
    [(gpu) => new Conv2d(gpu, 3, 5, 3), [2, 7, 9, 3], [2, 5, 7, 5]],
    [(gpu) => new Conv2d(gpu, 4, 8, [3, 5], { stride: [2, 3], padding: [1, 2] }), [1, 8, 10, 4], [1, 4, 4, 8]],
    [(gpu) => new Conv2d(gpu, 6, 9, 3, { groups: 3, padding: 1 }), [2, 7, 9, 6], [2, 7, 9, 9]],
    [(gpu) => new Conv2d(gpu, 4, 8, 3, { dilation: [2, 3], padding: 1 }), [1, 8, 10, 4], [1, 6, 6, 8]],
    [(gpu) => new Conv2d(gpu, 3, 4, [2, 3], { padding: 'same', dilation: 2 }), [2, 5, 6, 3], [2, 5, 6, 4]],
    [(gpu) => new Conv2d(gpu, 3, 4, 3, { padding: 'valid' }), [2, 5, 6, 3], [2, 3, 4, 4]],
  ],
  refusals: [
    [(gpu) => new Conv2d(gpu, 3, 5, 3), [2, 7, 9, 4], 'Conv2d: the input must be [N, H, W, 3]'],
    [(gpu) => new Conv2d(gpu, 3, 5, 3), [2, 2, 9, 3], 'Conv2d: a window of 3×3 does not fit into an image of 2×9'],
    [
      (gpu) => new Conv2d(gpu, 3, 5, 3, { dilation: 2 }),
      [2, 4, 9, 3],
      'Conv2d: a window of 3×3 with dilation 2×2 does not fit into an image of 4×9',
    ],
  ],
  texts: [
    [(gpu) => new Conv2d(gpu, 3, 5, 3), 'Conv2d(3 → 5, 3×3)'],
    [
      (gpu) => new Conv2d(gpu, 3, 5, [1, 3], { stride: 2, padding: [0, 1], bias: false }),
      'Conv2d(3 → 5, 1×3, stride 2, padding 0×1, no bias)',
    ],
    [(gpu) => new Conv2d(gpu, 4, 8, 3, { padding: 1, groups: 4 }), 'Conv2d(4 → 8, 3×3, padding 1, groups 4)'],
    [(gpu) => new Conv2d(gpu, 4, 8, 3, { padding: 2, dilation: 2 }), 'Conv2d(4 → 8, 3×3, padding 2, dilation 2)'],
    [(gpu) => new Conv2d(gpu, 4, 8, 2, { padding: 'same' }), 'Conv2d(4 → 8, 2×2, padding same)'],
  ],
});

const held = useGpu();

const host = ({ shape, data }: { shape: number[]; data: number[] }) => ({ shape, data: Float32Array.from(data) });

describe('Conv2d with groups', () => {
  it.each(cases)("$name: PyTorch's weights give PyTorch's output", async (golden) => {
    const { gpu } = held;
    const { groups, kernel, stride, padding } = golden;
    const [x, y, weight] = [imagesFromTorch(host(golden.x)), imagesFromTorch(host(golden.y)), host(golden.weight)];
    const layer = new Conv2d(gpu, x.shape[3], y.shape[3], [kernel[0], kernel[1]], { groups, stride, padding });
    const turned = fromTorch(weight);
    expect(turned.shape).toEqual(layer.weight.shape);
    gpu.write(layer.weight.buffer, turned.data);
    gpu.write((layer.bias as NonNullable<Conv2d['bias']>).buffer, Float32Array.from(golden.bias.data));
    const out = layer.call(tensor(gpu, x.data, x.shape));
    expect(out.shape).toEqual(y.shape);
    // Sums of up to 18 terms: a few roundings of 6e-8.
    expect(relativeError(await out.data(), y.data)).toBeLessThan(1e-6);
  });

  it('draws its first weights by the inputs of one group', async () => {
    const layer = new Conv2d(held.gpu, 32, 32, 3, { groups: 32, generator: new Philox(3) });
    const weights = await layer.weight.data();
    const largest = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
    // 288 draws uniform within ±1/√(3·3·1): the largest is nearly that.
    expect(largest).toBeLessThanOrEqual(1 / 3);
    expect(largest).toBeGreaterThan(0.9 / 3);
  });
});

it('counts a multiply-add as two FLOPs', () => {
  const { gpu } = held;
  // 4·4 positions of 3·5·4 multiply-adds for each of 8 channels.
  const conv = new Conv2d(gpu, 4, 8, [3, 5], { stride: [2, 3], padding: [1, 2] });
  expect(conv.flops([1, 8, 10, 4])).toBe(2 * 4 * 4 * 3 * 5 * 4 * 8);
  expect(conv.flops([3, 8, 10, 4])).toBe(3 * conv.flops([1, 8, 10, 4]));
  expect(new Conv2d(gpu, 4, 8, 3, { padding: 1, groups: 4 }).flops([1, 5, 6, 4])).toBe(2 * 5 * 6 * 3 * 3 * 8);
});
