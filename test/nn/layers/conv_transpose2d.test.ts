import { expect, it } from 'vitest';
import { ConvTranspose2d, loadWeights, Philox, readWeights, writeWeights } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [
    [(gpu) => new ConvTranspose2d(gpu, 8, 4, 2, { stride: 2 }), [2, 5, 7, 8], [2, 10, 14, 4]],
    [
      (gpu) => new ConvTranspose2d(gpu, 3, 5, 3, { stride: 2, padding: 1, outputPadding: 1 }),
      [1, 4, 5, 3],
      [1, 8, 10, 5],
    ],
    [
      (gpu) => new ConvTranspose2d(gpu, 6, 4, [3, 2], { dilation: [2, 3], groups: 2, bias: false }),
      [2, 4, 3, 6],
      [2, 8, 6, 4],
    ],
  ],
  refusals: [
    [(gpu) => new ConvTranspose2d(gpu, 3, 5, 3), [2, 7, 9, 4], 'ConvTranspose2d: the input must be [N, H, W, 3]'],
    [
      (gpu) => new ConvTranspose2d(gpu, 3, 5, 3, { padding: 2 }),
      [2, 2, 9, 3],
      'ConvTranspose2d: padding [2,2] leaves nothing of the output for an image of 2×9 and a window of 3×3.',
    ],
  ],
  texts: [
    [(gpu) => new ConvTranspose2d(gpu, 3, 5, 3), 'ConvTranspose2d(3 → 5, 3×3)'],
    [
      (gpu) => new ConvTranspose2d(gpu, 4, 8, 3, { stride: 2, padding: 1, outputPadding: 1, groups: 2, bias: false }),
      'ConvTranspose2d(4 → 8, 3×3, stride 2, padding 1, output padding 1, groups 2, no bias)',
    ],
  ],
});

const held = useGpu();

it('counts a multiply-add as two FLOPs', () => {
  // Each of 2·4·5 input pixels meets 3·3 taps of 8 × 6 channels.
  const layer = new ConvTranspose2d(held.gpu, 6, 8, 3, { stride: 2 });
  expect(layer.flops([2, 4, 5, 6])).toBe(2 * 2 * 4 * 5 * 3 * 3 * 8 * 6);
});

it('writes its weight as PyTorch has it, [CI, CO / groups, KH, KW], and reads it back', async () => {
  const { gpu } = held;
  const layer = new ConvTranspose2d(gpu, 6, 4, [3, 2], { groups: 2 });
  const weights = readWeights(await writeWeights(layer));
  const file = weights.get('weight')!;
  expect(file.shape).toEqual([6, 2, 3, 2]);
  const own = await layer.weight.data();
  // Input channel 4, output channel 1 of its group, tap (2, 1).
  expect(file.data[((4 * 2 + 1) * 3 + 2) * 2 + 1]).toBe(own[((2 * 2 + 1) * 2 + 1) * 6 + 4]);
  const other = new ConvTranspose2d(gpu, 6, 4, [3, 2], { groups: 2 });
  loadWeights(other, weights);
  expect(await other.weight.data()).toEqual(own);
});

it('draws its first weights within PyTorch’s bound, by the output channels of a group', async () => {
  const layer = new ConvTranspose2d(held.gpu, 32, 32, 3, { groups: 32, generator: new Philox(3) });
  const largest = (await layer.weight.data()).reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  expect(largest).toBeLessThanOrEqual(1 / 3);
  expect(largest).toBeGreaterThan(0.9 / 3);
});
