import { StochasticDepth } from '../../../src/node.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [[() => new StochasticDepth(0.5), [3, 2, 2, 4], [3, 2, 2, 4]]],
});
