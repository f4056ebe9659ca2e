import { expect, it } from 'vitest';
import { ConstantPad2d, ReflectionPad2d, ReplicationPad2d, tensor, ZeroPad2d } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [
    [() => new ZeroPad2d(1), [2, 5, 7, 3], [2, 7, 9, 3]],
    [() => new ReflectionPad2d([1, 2, 3, 0]), [1, 5, 4, 4], [1, 8, 7, 4]],
    [() => new ReplicationPad2d([0, 5, 0, 1]), [1, 2, 3, 1], [1, 3, 8, 1]],
    [() => new ConstantPad2d([0, 1, 0, 1], 2), [1, 2, 3, 1], [1, 3, 4, 1]],
  ],
  refusals: [
    [() => new ZeroPad2d(1), [5, 7], 'ZeroPad2d: the input must be [N, H, W, C]; its shape is [5,7].'],
    [() => new ReflectionPad2d(3), [1, 5, 3, 1], 'ReflectionPad2d: a border by reflection must be less wide'],
  ],
  texts: [
    [() => new ZeroPad2d(1), 'ZeroPad2d(1)'],
    [() => new ReplicationPad2d([0, 5, 0, 1]), 'ReplicationPad2d([0, 5, 0, 1])'],
    [() => new ConstantPad2d(1, -2), 'ConstantPad2d(1, value -2)'],
  ],
});

const held = useGpu();

it.each([
  [new ZeroPad2d([1, 2, 0, 0]), [0, 1, 2, 3, 0, 0]],
  [new ConstantPad2d([1, 2, 0, 0], 7), [7, 1, 2, 3, 7, 7]],
  [new ReflectionPad2d([1, 2, 0, 0]), [2, 1, 2, 3, 2, 1]],
  [new ReplicationPad2d([1, 2, 0, 0]), [1, 1, 2, 3, 3, 3]],
])('%s puts its own kind of border around [1, 2, 3]', async (layer, expected) => {
  const y = layer.call(tensor(held.gpu, [1, 2, 3], [1, 1, 3, 1]));
  expect([...(await y.data())]).toEqual(expected);
});
