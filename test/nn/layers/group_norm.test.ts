import { expect, it } from 'vitest';
import { GroupNorm } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [
    [(gpu) => new GroupNorm(gpu, 3, 6), [2, 5, 7, 6], [2, 5, 7, 6]],
    [(gpu) => new GroupNorm(gpu, 1, 4, { affine: false }), [1, 3, 2, 4], [1, 3, 2, 4]],
  ],
  refusals: [
    [
      (gpu) => new GroupNorm(gpu, 3, 6),
      [2, 5, 7, 4],
      'GroupNorm: the input must be [N, …, 6]; its shape is [2,5,7,4].',
    ],
  ],
  texts: [
    [(gpu) => new GroupNorm(gpu, 3, 6), 'GroupNorm(3 groups of 6)'],
    [(gpu) => new GroupNorm(gpu, 6, 6, { affine: false }), 'GroupNorm(6 groups of 6, not affine)'],
  ],
});

const held = useGpu();

it('begins as the normalisation alone, with PyTorch’s names, and refuses groups that do not divide the channels', async () => {
  const { gpu } = held;
  const layer = new GroupNorm(gpu, 2, 4);
  expect(layer.namedParameters().map(([name]) => name)).toEqual(['weight', 'bias']);
  const x = randomTensor(gpu, [2, 3, 3, 4], 1);
  expect(await layer.call(x).data()).toEqual(await new GroupNorm(gpu, 2, 4, { affine: false }).call(x).data());
  expect(() => new GroupNorm(gpu, 3, 4)).toThrow('GroupNorm: 4 channels cannot be cut into 3 equal groups.');
});
