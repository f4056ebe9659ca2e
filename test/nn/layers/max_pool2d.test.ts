import { MaxPool2d } from '../../../src/node.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [
    [() => new MaxPool2d(2), [2, 5, 7, 3], [2, 2, 3, 3]],
    [() => new MaxPool2d(3, { stride: 2, padding: 1 }), [1, 8, 7, 4], [1, 4, 4, 4]],
    [() => new MaxPool2d(2, { ceilMode: true }), [2, 5, 7, 3], [2, 3, 4, 3]],
    [() => new MaxPool2d(3, { stride: 1, padding: 1, dilation: 2 }), [1, 8, 7, 4], [1, 6, 5, 4]],
  ],
  refusals: [[() => new MaxPool2d(2), [5, 7], 'MaxPool2d: the input must be [N, H, W, C]; its shape is [5,7]']],
  texts: [
    [() => new MaxPool2d(2), 'MaxPool2d(2×2)'],
    [() => new MaxPool2d(3, { stride: 2 }), 'MaxPool2d(3×3, stride 2)'],
    [() => new MaxPool2d(3, { dilation: [1, 2], ceilMode: true }), 'MaxPool2d(3×3, dilation 1×2, ceil mode)'],
  ],
});
