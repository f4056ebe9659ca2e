import { describe, expect, it } from 'vitest';
import { CifarResNet, countParameters, noGrad } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { expectFirstStep, expectSteps, type GoldenLimits, readGolden } from './model_golden.ts';

const held = useGpu();

/**
 * PyTorch's own float32 is off by up to 3e-7 in logits and running statistics, 2e-6 in gradients and 6e-7 in the weights after three steps
 * (printed by the fixture's script). The limits leave room for other orders of summation.
 */
const LIMITS: GoldenLimits = { forward: 3e-6, gradient: 1e-5, cancelled: 1e-6, weights: 5e-6 };

describe('CifarResNet', () => {
  it.each([
    { depth: 20, parameters: 269_722 },
    { depth: 32, parameters: 464_154 },
    { depth: 56, parameters: 853_018 },
  ] as const)('has $parameters parameters at depth $depth', ({ depth, parameters }) => {
    expect(countParameters(new CifarResNet(held.gpu, depth)).parameters).toBe(parameters);
  });

  it('prints itself as a table', () => {
    const table = `${new CifarResNet(held.gpu, 20)}`;
    expect(table).toContain('layer2.0.downsample  PaddedShortcut(16 → 32, stride 2)');
    expect(table).toContain('[8, 8, 64]');
    expect(table).toContain('269,722 parameters, 269,722 of them trainable');
  });

  it('extractFeatures gives what the last layer decides by, also of odd sizes and channels', async () => {
    const { gpu } = held;
    const model = new CifarResNet(gpu, 20, { width: 0.75, channels: 1, classes: 3 }).eval();
    const images = randomTensor(gpu, [2, 15, 13, 1], 1);
    await noGrad(async () => {
      const features = model.extractFeatures(images);
      expect(features.shape).toEqual([2, 48]);
      expect(await model.linear.call(features).data()).toEqual(await model.call(images).data());
    });
  });
});

describe('ResNet-20 at a quarter of its width, held against PyTorch in float64', () => {
  const golden = readGolden('resnet20');
  const make = () => new CifarResNet(held.gpu, 20, { width: golden.width });

  it('logits, loss, gradients and running statistics in training mode, logits in evaluation mode', async () => {
    await expectFirstStep(make(), golden, LIMITS);
  });

  it('weights after three steps of SGD', async () => {
    await expectSteps(make(), golden, LIMITS);
  });
});
