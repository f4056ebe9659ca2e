import { AvgPool2d } from '../../../src/node.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [
    [() => new AvgPool2d(2), [2, 5, 7, 3], [2, 2, 3, 3]],
    [() => new AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true }), [2, 5, 6, 3], [2, 3, 4, 3]],
  ],
  refusals: [[() => new AvgPool2d(2), [5, 7], 'AvgPool2d: the input must be [N, H, W, C]; its shape is [5,7]']],
  texts: [
    [
      () => new AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: false }),
      'AvgPool2d(3×3, stride 2, padding 1, padding not counted)',
    ],
  ],
});
