import { SiLU } from '../../../src/node.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [[() => new SiLU(), [3, 7], [3, 7]]],
});
