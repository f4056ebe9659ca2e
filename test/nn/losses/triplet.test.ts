import { describe, expect, it } from 'vitest';
import { indices, type Tensor, TripletLoss, tensor } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();

describe('TripletLoss', () => {
  it('is the margin where all samples coincide, and moves none of them', async () => {
    const { gpu } = held;
    const x = tensor(gpu, new Float32Array(4 * 3).fill(2), [4, 3], { requiresGrad: true });
    const loss = new TripletLoss({ margin: 0.5 }).call(x, indices(gpu, [0, 0, 1, 1]));
    expect(await loss.item()).toBe(0.5);
    loss.backward();
    expect([...(await (x.grad as Tensor).data())]).toEqual(new Array(12).fill(0));
  });

  it('is 0 in a batch of one class or of one sample', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [3, 2], 1);
    expect(await new TripletLoss().call(x, indices(gpu, [1, 1, 1])).item()).toBe(0);
    expect(await new TripletLoss().call(randomTensor(gpu, [1, 2], 1), indices(gpu, [0])).item()).toBe(0);
  });

  it('refuses a margin below 0', () => {
    expect(() => new TripletLoss({ margin: -1 })).toThrow('TripletLoss: margin must be a number from 0, not -1.');
  });
});
