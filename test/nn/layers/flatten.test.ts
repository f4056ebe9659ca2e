import { Flatten } from '../../../src/node.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [[() => new Flatten(), [2, 3, 5, 4], [2, 60]]],
});
