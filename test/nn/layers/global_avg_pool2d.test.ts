import { GlobalAvgPool2d } from '../../../src/node.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [[() => new GlobalAvgPool2d(), [2, 3, 5, 4], [2, 4]]],
  refusals: [[() => new GlobalAvgPool2d(), [5, 7], 'GlobalAvgPool2d: the input must be [N, H, W, C]']],
});
