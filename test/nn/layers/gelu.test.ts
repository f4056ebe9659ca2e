import { GELU } from '../../../src/node.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [[() => new GELU(), [3, 7], [3, 7]]],
});
