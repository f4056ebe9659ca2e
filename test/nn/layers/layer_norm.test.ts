import { expect, it } from 'vitest';
import { LayerNorm } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [
    [(gpu) => new LayerNorm(gpu, 6), [2, 5, 7, 6], [2, 5, 7, 6]],
    [(gpu) => new LayerNorm(gpu, [3, 2, 4]), [2, 3, 2, 4], [2, 3, 2, 4]],
    [(gpu) => new LayerNorm(gpu, 5, { bias: false }), [3, 5], [3, 5]],
  ],
  refusals: [
    [
      (gpu) => new LayerNorm(gpu, [2, 4]),
      [2, 3, 4],
      "LayerNorm: the input's last axes must be [2,4], which are normalised; its shape is [2,3,4].",
    ],
  ],
  texts: [
    [(gpu) => new LayerNorm(gpu, [3, 2, 4]), 'LayerNorm(3×2×4)'],
    [(gpu) => new LayerNorm(gpu, 6, { elementwiseAffine: false }), 'LayerNorm(6, not affine)'],
    [(gpu) => new LayerNorm(gpu, 6, { bias: false }), 'LayerNorm(6, no bias)'],
  ],
});

const held = useGpu();

it('begins as the normalisation alone, with PyTorch’s names', async () => {
  const { gpu } = held;
  const layer = new LayerNorm(gpu, 4);
  expect(layer.namedParameters().map(([name]) => name)).toEqual(['weight', 'bias']);
  const x = randomTensor(gpu, [5, 4], 1);
  expect(await layer.call(x).data()).toEqual(await new LayerNorm(gpu, 4, { elementwiseAffine: false }).call(x).data());
});
