import { describe, expect, it } from 'vitest';
import { countParameters, ResNet18, summarize } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { expectFirstStep, expectSteps, type GoldenLimits, readGolden } from './model_golden.ts';

const held = useGpu();

/**
 * PyTorch's own float32 is off by up to 1e-6 in logits and running statistics, 6e-6 in gradients and 3e-6 in the weights after three steps
 * (printed by the fixture's script). The limits leave room for other orders of summation.
 */
const LIMITS: GoldenLimits = { forward: 5e-6, gradient: 2e-5, cancelled: 1e-6, weights: 1e-5 };

describe('ResNet18', () => {
  it('has 11,173,962 parameters in CIFAR form and prints itself with them', () => {
    const model = new ResNet18(held.gpu);
    expect(countParameters(model)).toEqual({ parameters: 11_173_962, trainableParameters: 11_173_962 });
    const table = `${model}`;
    expect(table).toContain('layer4.0.downsample.0  Conv2d(256 → 512, 1×1, stride 2, no bias)');
    expect(table).toContain('[4, 4, 512]');
    expect(table).toContain('11,173,962 parameters');
    // Multiply-adds: first convolution; then of each layer the convolutions 3×3, the shortcut 1×1, on an image half as large each time.
    const layers = [64, 128, 256, 512].map((c, i) => {
      const from = i === 0 ? c : c / 2;
      return (32 / 2 ** i) ** 2 * (9 * (from + 3 * c) * c + (i === 0 ? 0 : from * c));
    });
    const multiplyAdds = 32 * 32 * 27 * 64 + layers.reduce((sum, count) => sum + count) + 512 * 10;
    expect(summarize(model, [1, 32, 32, 3]).totals.flops).toBe(2 * multiplyAdds);
  });

  it('has 11,689,512 parameters in ImageNet form with 1000 classes, on images of 224×224', () => {
    const model = new ResNet18(held.gpu, { form: 'imagenet', classes: 1000 });
    expect(countParameters(model).parameters).toBe(11_689_512);
    expect(model.imageShape).toEqual([224, 224, 3]);
    expect(`${model}`).toContain('[7, 7, 512]');
  });

  it('draws convolutions by kaiming normal over fanOut, as torchvision', async () => {
    const model = new ResNet18(held.gpu, { width: 1 / 2 });
    const weight = model.layer3.getModule('0.conv1').ownParameters()[0];
    const values = await weight.data();
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    // Of 73,728 draws: the deviation is off by 1/√(2·73,728) = 0.26 % at one σ.
    expect(deviation / Math.sqrt(2 / (9 * 128))).toBeCloseTo(1, 1.7);
  });

  it('extractFeatures gives what the last layer decides by', async () => {
    const { gpu } = held;
    const model = new ResNet18(gpu, { width: 1 / 16 }).eval();
    const images = randomTensor(gpu, [3, 30, 30, 3], 1);
    const features = model.extractFeatures(images);
    expect(features.shape).toEqual([3, 32]);
    expect(await model.fc.call(features).data()).toEqual(await model.call(images).data());
  });
});

describe('ResNet18 at a sixteenth of its width, held against torchvision in float64', () => {
  it.each([
    { form: 'cifar', fixture: 'resnet18' },
    { form: 'imagenet', fixture: 'resnet18_imagenet' },
  ] as const)('first step, and three steps of SGD, in $form form', async ({ form, fixture }) => {
    const golden = readGolden(fixture);
    const make = () => new ResNet18(held.gpu, { form, width: golden.width });
    await expectFirstStep(make(), golden, LIMITS);
    await expectSteps(make(), golden, LIMITS);
  });
});
