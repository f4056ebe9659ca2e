import { LeakyReLU } from '../../../src/node.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [[() => new LeakyReLU(), [3, 7], [3, 7]]],
});
