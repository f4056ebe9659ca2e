import { describe, expect, it } from 'vitest';
import { countParameters, EfficientNetB0, StochasticDepth, summarize } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { expectFirstStep, expectSteps, type GoldenLimits, readGolden } from './model_golden.ts';

const held = useGpu();

/**
 * Fifty layers deep, with batch norms over 32 values: PyTorch's own float32 is off by up to 4e-6 in logits and running statistics, 3e-5 in
 * gradients, 2e-7 in those whose terms cancel and 4e-5 in the weights after three steps (printed by the fixture's script). The limits leave
 * room for other orders of summation.
 */
const LIMITS: GoldenLimits = { forward: 2e-5, gradient: 1e-4, cancelled: 2e-6, weights: 1e-4 };

describe('EfficientNetB0', () => {
  it('has 4,020,358 parameters and prints itself with them', () => {
    const model = new EfficientNetB0(held.gpu);
    expect(countParameters(model)).toEqual({ parameters: 4_020_358, trainableParameters: 4_020_358 });
    const table = `${model}`;
    expect(table).toContain('features.6.2.block.1.0');
    expect(table).toContain('Conv2d(1152 → 1152, 5×5, padding 2, groups 1152, no bias)');
    expect(table).toContain('[1, 1, 1280]');
    expect(table).toContain('4,020,358 parameters');
  });

  it('has 5,288,548 parameters and 0.77 GFLOP with 1000 classes on images of 224×224, as published', () => {
    const model = new EfficientNetB0(held.gpu, { classes: 1000, imageSize: 224 });
    const { totals } = summarize(model, [1, 224, 224, 3]);
    expect(totals.parameters).toBe(5_288_548);
    // torchvision states 0.386 billion multiply-adds.
    expect(totals.flops / 2e9).toBeCloseTo(0.386, 3);
  });

  it('lets stochastic depth rise linearly over the blocks with a shortcut', () => {
    const model = new EfficientNetB0(held.gpu, { width: 1 / 4 });
    const depths = model
      .namedModules()
      .flatMap(([name, module]) => (module instanceof StochasticDepth ? [[name, module.p] as const] : []));
    expect(depths.map(([name]) => name.split('.').slice(1, 3).join('.'))).toEqual(
      // At a quarter of the width the first block keeps its 8 channels, so that it has a shortcut too.
      ['1.0', '2.1', '3.1', '4.1', '4.2', '5.1', '5.2', '6.1', '6.2', '6.3'],
    );
    const blocksBefore = [0, 2, 4, 6, 7, 9, 10, 12, 13, 14];
    depths.forEach(([, p], i) => {
      expect(p).toBeCloseTo((0.2 * blocksBefore[i]) / 16, 12);
    });
  });

  it('extractFeatures gives what the last layer decides by', async () => {
    const { gpu } = held;
    const model = new EfficientNetB0(gpu, { width: 1 / 4 }).eval();
    const images = randomTensor(gpu, [3, 32, 32, 3], 1);
    const features = model.extractFeatures(images);
    expect(features.shape).toEqual([3, 320]);
    expect(await model.classifier.call(features).data()).toEqual(await model.call(images).data());
  });

  it('refuses a width that is no width', () => {
    expect(() => new EfficientNetB0(held.gpu, { width: -1 })).toThrow('EfficientNetB0: width must be above 0, not -1.');
  });
});

describe('EfficientNetB0 at a quarter of its width, held against torchvision in float64', () => {
  const golden = readGolden('efficientnet_b0');
  const make = () => new EfficientNetB0(held.gpu, { width: golden.width, dropout: 0, stochasticDepth: 0 });

  it('logits, loss, gradients and running statistics in training mode, logits in evaluation mode', async () => {
    await expectFirstStep(make(), golden, LIMITS);
  });

  it('weights after three steps of SGD', async () => {
    await expectSteps(make(), golden, LIMITS);
  });
});
