import { describe, expect, it } from 'vitest';
import { Conv2d, Linear, type Module, type Shape, type Tensor } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [[(gpu) => new Linear(gpu, 6, 3), [5, 6], [5, 3]]],
  refusals: [[(gpu) => new Linear(gpu, 6, 3), [5, 7], 'Linear: the input must be [N, 6]; its shape is [5,7]']],
});

const held = useGpu();

describe('Linear and Conv2d', () => {
  it('without bias have none', async () => {
    const { gpu } = held;
    const zeros = (shape: Shape): Tensor => randomTensor(gpu, shape, 1, { low: 0, high: 0 });
    const layers: [Module, Shape][] = [
      [new Linear(gpu, 3, 2, { bias: false }), [4, 3]],
      [new Conv2d(gpu, 3, 2, 1, { bias: false }), [1, 2, 2, 3]],
    ];
    for (const [layer, input] of layers) {
      expect(layer.namedParameters().map(([name]) => name)).toEqual(['weight']);
      expect((await layer.call(zeros(input)).data()).every((value) => value === 0)).toBe(true);
    }
  });
});

it('counts a multiply-add as two FLOPs', () => {
  expect(new Linear(held.gpu, 6, 3).flops([5, 6])).toBe(2 * 5 * 6 * 3);
});
