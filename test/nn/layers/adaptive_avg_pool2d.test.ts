import { AdaptiveAvgPool2d } from '../../../src/node.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [[() => new AdaptiveAvgPool2d([2, 3]), [2, 5, 7, 3], [2, 2, 3, 3]]],
  refusals: [[() => new AdaptiveAvgPool2d(2), [5, 7], 'AdaptiveAvgPool2d: the input must be [N, H, W, C]']],
  texts: [[() => new AdaptiveAvgPool2d(2), 'AdaptiveAvgPool2d(2×2)']],
});
