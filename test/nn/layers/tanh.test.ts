import { Tanh } from '../../../src/node.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [[() => new Tanh(), [3, 7], [3, 7]]],
});
