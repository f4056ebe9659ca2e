import { describe, expect, it } from 'vitest';
import { CustomCNN, countParameters, summarize, type Tensor } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();

describe('CustomCNN', () => {
  it('has 4,823,114 trainable parameters and prints itself with them', () => {
    const model = new CustomCNN(held.gpu);
    expect(countParameters(model)).toEqual({ parameters: 4_823_114, trainableParameters: 4_823_114 });
    const table = `${model}`;
    expect(table).toContain('features.block4.conv2  Conv2d(512 → 512, 3×3, padding 1)');
    expect(table).toContain('[32, 32, 64]');
    expect(table).toContain('4,823,114 parameters, 4,823,114 of them trainable');
    const pixels = [32, 16, 8, 4].map((side) => side * side);
    const channels = [3, 64, 128, 256, 512];
    const multiplyAdds = pixels.map((p, i) => p * 9 * (channels[i] + channels[i + 1]) * channels[i + 1]);
    const total = multiplyAdds.reduce((sum, count) => sum + count) + 512 * 256 + 256 * 10;
    expect(summarize(model, [1, 32, 32, 3]).totals.flops).toBe(2 * total);
  });

  it.each([
    { width: 1 / 4, channels: [16, 32, 64, 128], hidden: 64 },
    { width: 0.3, channels: [20, 40, 76, 152], hidden: 76 },
    { width: 1 / 64, channels: [4, 4, 4, 8], hidden: 4 },
  ])('at width $width has channels $channels', ({ width, channels, hidden }) => {
    const model = new CustomCNN(held.gpu, { width, classes: 7, channels: 1 });
    const shapes = Object.fromEntries(model.namedParameters().map(([name, { shape }]) => [name, shape]));
    expect(channels.map((_, i) => shapes[`features.block${i + 1}.conv2.weight`])).toEqual(
      channels.map((c) => [3, 3, c, c]),
    );
    expect(shapes['features.block1.conv1.weight']).toEqual([3, 3, 1, channels[0]]);
    expect(shapes['classifier.fc1.weight']).toEqual([channels[3], hidden]);
    expect(shapes['classifier.fc2.weight']).toEqual([hidden, 7]);
  });

  it('extractFeatures gives what the classifier decides by', async () => {
    const { gpu } = held;
    const model = new CustomCNN(gpu, { width: 1 / 16 }).eval();
    const images = randomTensor(gpu, [3, 28, 28, 3], 1);
    const features = model.extractFeatures(images);
    expect(features.shape).toEqual([3, 32]);
    const logits = model.call(images);
    expect(logits.shape).toEqual([3, 10]);
    expect(await model.classifier.call(features).data()).toEqual(await logits.data());
  });

  it('offers the last block and its gradient to hooks', async () => {
    const { gpu } = held;
    const model = new CustomCNN(gpu, { width: 1 / 16 }).eval();
    const block = model.getModule('features.block4');
    let activation: Tensor | undefined;
    let gradient: Tensor | undefined;
    block.registerForwardHook((_module, _input, output) => {
      activation = output.keep();
    });
    block.registerOutputGradientHook((_module, grad) => {
      gradient = grad.keep();
    });
    gpu.scope(() => {
      const logits = model.call(randomTensor(gpu, [2, 32, 32, 3], 1));
      logits.backward(randomTensor(gpu, [2, 10], 2));
    });
    for (const found of [activation, gradient]) {
      expect(found?.shape).toEqual([2, 4, 4, 32]);
      const values = await (found as Tensor).data();
      expect(values.every(Number.isFinite) && values.some((value) => value !== 0)).toBe(true);
    }
  });

  it.each(['se', 'cbam'] as const)('puts %s at the end of each block, before it pools', async (attention) => {
    const { gpu } = held;
    const model = new CustomCNN(gpu, { width: 1 / 16, attention });
    const plain = new CustomCNN(gpu, { width: 1 / 16 });
    const names = model.namedModules().map(([name]) => name);
    for (let block = 1; block <= 4; block++) expect(names).toContain(`features.block${block}.attention`);
    expect([...model.features.get('block1').namedChildren()].map(([name]) => name).slice(-2)).toEqual([
      'attention',
      'pool',
    ]);
    // 4, 8, 16 and 32 channels, squeezed into 4: two layers with biases, and for CBAM 7·7·2 weights of its window.
    const perBlock = (c: number) => 2 * 4 * c + 4 + c + (attention === 'cbam' ? 98 : 0);
    const added = [4, 8, 16, 32].reduce((sum, c) => sum + perBlock(c), 0);
    expect(countParameters(model).parameters).toBe(countParameters(plain).parameters + added);
    const logits = model.call(randomTensor(gpu, [2, 8, 8, 3], 1));
    logits.backward(randomTensor(gpu, [2, 10], 2));
    for (const parameter of model.getModule('features.block3.attention').parameters()) {
      expect((await (parameter.grad as Tensor).data()).some((value) => value !== 0)).toBe(true);
    }
  });

  it('grows deeper by convolutions in its blocks', async () => {
    const { gpu } = held;
    const model = new CustomCNN(gpu, { width: 1 / 16, convsPerBlock: 3 });
    const shapes = Object.fromEntries(model.namedParameters().map(([name, { shape }]) => [name, shape]));
    expect(shapes['features.block2.conv1.weight']).toEqual([3, 3, 4, 8]);
    expect(shapes['features.block2.conv3.weight']).toEqual([3, 3, 8, 8]);
    expect(model.call(randomTensor(gpu, [2, 8, 8, 3], 1)).shape).toEqual([2, 10]);
    expect(() => new CustomCNN(gpu, { convsPerBlock: 0 })).toThrow(
      'CustomCNN: convsPerBlock must be a whole number from 1, not 0.',
    );
  });

  it('refuses a width that is no width', () => {
    expect(() => new CustomCNN(held.gpu, { width: 0 })).toThrow('CustomCNN: width must be above 0, not 0.');
  });
});
