import { describe, expect, it } from 'vitest';
import { BatchNorm2d } from '../../../src/node.ts';
import { randomTensor, relativeError, useGpu } from '../../gpu.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [[(gpu) => new BatchNorm2d(gpu, 4), [2, 3, 5, 4], [2, 3, 5, 4]]],
  refusals: [[(gpu) => new BatchNorm2d(gpu, 4), [2, 3, 4, 5], 'BatchNorm2d: the input must be [N, H, W, 4]']],
  texts: [[(gpu) => new BatchNorm2d(gpu, 8, { activation: 'relu' }), 'BatchNorm2d(8, ReLU)']],
});

const held = useGpu();

describe('BatchNorm2d', () => {
  it('normalises by the batch in training, by the running statistics in evaluation', async () => {
    const { gpu } = held;
    const layer = new BatchNorm2d(gpu, 1, { momentum: 0.5 });
    const x = randomTensor(gpu, [2, 4, 4, 1], 1, { low: 2, high: 6 });
    const values = await x.data();
    const mean = values.reduce((sum, value) => sum + value, 0) / 32;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 32;
    const normalised = (centre: number, spread: number) => values.map((v) => (v - centre) / Math.sqrt(spread + 1e-5));
    // A few roundings of the values, 6e-8 each, and of their statistics.
    expect(relativeError(await layer.call(x).data(), normalised(mean, variance))).toBeLessThan(2e-6);
    const running = [0.5 * mean, 0.5 + (0.5 * variance * 32) / 31];
    expect(relativeError(await layer.runningMean.data(), [running[0]])).toBeLessThan(1e-6);
    expect(relativeError(await layer.runningVar.data(), [running[1]])).toBeLessThan(1e-6);
    const evaluated = await layer.eval().call(x).data();
    expect(relativeError(evaluated, normalised(running[0], running[1]))).toBeLessThan(2e-6);
    expect(relativeError(await layer.runningMean.data(), [running[0]])).toBeLessThan(1e-6);
  });

  it('with relu gives what a ReLU after it gives', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [2, 3, 3, 8], 1);
    const plain = await new BatchNorm2d(gpu, 8).call(x).data();
    expect(await new BatchNorm2d(gpu, 8, { activation: 'relu' }).call(x).data()).toEqual(
      plain.map((v) => Math.max(v, 0)),
    );
  });
});
