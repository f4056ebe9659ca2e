import { expect, it } from 'vitest';
import { Upsample } from '../../../src/node.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [
    [() => new Upsample({ scaleFactor: 2 }), [2, 5, 7, 3], [2, 10, 14, 3]],
    [() => new Upsample({ size: [8, 3], mode: 'bilinear' }), [1, 4, 4, 4], [1, 8, 3, 4]],
    [() => new Upsample({ scaleFactor: [1.5, 2], mode: 'bilinear', alignCorners: true }), [1, 3, 4, 1], [1, 4, 8, 1]],
  ],
  refusals: [[() => new Upsample({ scaleFactor: 2 }), [5, 7], 'Upsample: the input must be [N, H, W, C]']],
  texts: [
    [() => new Upsample({ scaleFactor: 2 }), 'Upsample(factor 2, nearest)'],
    [
      () => new Upsample({ size: [8, 3], mode: 'bilinear', alignCorners: true }),
      'Upsample(to 8×3, bilinear, corners aligned)',
    ],
  ],
});

it('says at once which options do not go together', () => {
  expect(() => new Upsample({})).toThrow('Upsample: give either size or scaleFactor.');
});
