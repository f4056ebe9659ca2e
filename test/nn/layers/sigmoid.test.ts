import { Sigmoid } from '../../../src/node.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [[() => new Sigmoid(), [3, 7], [3, 7]]],
});
