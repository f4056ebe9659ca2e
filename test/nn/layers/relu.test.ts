import { ReLU } from '../../../src/node.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [[() => new ReLU(), [3, 7], [3, 7]]],
});
