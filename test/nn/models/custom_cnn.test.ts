import { afterEach, describe, expect, it } from 'vitest';
import { CrossEntropyLoss } from '../../../src/nn/losses/cross_entropy.ts';
import { Adam } from '../../../src/nn/optimizers/adam.ts';
import { toTorch } from '../../../src/nn/weights/layout.ts';
import { CustomCNN, countParameters, noGrad, summarize, type Tensor } from '../../../src/node.ts';
import { randomTensor, relativeError, useGpu } from '../../gpu.ts';
import { decode, type GoldenParameter, golden, goldenBatch, goldenModel } from './golden_custom_cnn.ts';

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

/*
 * Tolerances. A float32 operation rounds by at most u = 6e-8; a sum of K products in blocks is off by about √K·u of its terms' size, here
 * 1e-7 to 3e-7 for a layer, which ten convolutions and their batch norms add up to some 1e-6 of a tensor's largest value on the way forward
 * and some 3e-6 on the way back (PyTorch's own float32 is off by up to 3e-6 on this network). The limits leave room for other orders of
 * summation.
 */
const FORWARD = 5e-6;
const GRADIENT = 1e-5;
/** Of a gradient that is 0 but for rounding, relative to the terms that cancel: that of the bias of a convolution before a batch norm. */
const CANCELLED_GRADIENT = 1e-6;

/** How far rounding may carry a gradient, relative to its `scale`. */
function gradientError({ name }: GoldenParameter): number {
  return /conv\d\.bias$/.test(name) ? CANCELLED_GRADIENT : GRADIENT;
}

/** All values of a tensor, in PyTorch's layout. */
async function inTorchLayout(t: Tensor): Promise<Float32Array> {
  return toTorch({ shape: t.shape, data: await t.data() }).data;
}

function sampled(values: Float32Array, stride: number): Float32Array {
  return values.filter((_, i) => i % stride === 0);
}

/** meanDrift: how far a running mean may be off besides, because the bias before it moved. */
async function expectStatistics(model: CustomCNN, expected: Record<string, string>, meanDrift = 0): Promise<void> {
  const buffers = model.namedBuffers();
  expect(buffers.map(([name]) => name).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, buffer] of buffers) {
    const reference = decode(expected[name]);
    const limit = FORWARD * Math.max(...reference.map(Math.abs)) + (name.endsWith('running_mean') ? meanDrift : 0);
    const difference = (await buffer.data()).map((value, i) => Math.abs(value - reference[i]));
    expect(Math.max(...difference), name).toBeLessThan(limit);
  }
}

afterEach(() => {
  held.gpu.forcedRung = undefined;
});

describe('CustomCNN at a quarter of its width, held against PyTorch in float64', () => {
  it.each(['naive', 'subgroup'] as const)(
    'logits, loss, gradients and running statistics in training mode, logits in evaluation mode; %s kernels',
    async (rung) => {
      const { gpu } = held;
      gpu.forcedRung = rung;
      const model = goldenModel(gpu);
      const { images, labels } = goldenBatch(gpu);
      const logits = model.call(images);
      const loss = new CrossEntropyLoss().call(logits, labels);
      expect(relativeError(await logits.data(), decode(golden.logits))).toBeLessThan(FORWARD);
      expect(Math.abs((await loss.item()) / golden.loss - 1)).toBeLessThan(FORWARD);
      loss.backward();
      await expectStatistics(model, golden.running1);

      const parameters = new Map(model.namedParameters());
      expect([...parameters.keys()]).toEqual(golden.parameters.map(({ name }) => name));
      for (const parameter of golden.parameters) {
        const { name, stride, scale, grad, gradNorm } = parameter;
        const limit = gradientError(parameter) * scale;
        const got = await inTorchLayout(parameters.get(name)?.grad as Tensor);
        const expected = decode(grad);
        const difference = sampled(got, stride).map((value, i) => Math.abs(value - expected[i]));
        expect(difference.length).toBe(expected.length);
        expect(Math.max(...difference), name).toBeLessThan(limit);
        // What was not sampled shows in the norm.
        const norm = Math.sqrt(got.reduce((sum, value) => sum + value * value, 0));
        expect(Math.abs(norm - gradNorm), `norm of ${name}`).toBeLessThan(limit * Math.sqrt(got.length));
      }
      const evalLogits = noGrad(() => model.eval().call(images));
      expect(relativeError(await evalLogits.data(), decode(golden.evalLogits))).toBeLessThan(FORWARD);
    },
  );
  /*
   * Adam divides m̂, a mean of gradients, by √v̂, their root mean square. Both move by at most δ when each gradient does, and |m̂| is at most
   * about 2·√v̂ in five steps, so a step of size lr·m̂/√v̂ moves by at most 3·lr·δ/√v̂, and never by more than 2·lr. δ is the gradient's
   * rounding, relative to its scale s as above, so over the steps: lr · 3 · (δ/s) · Σ s/√v̂. The fixture holds Σ s/√v̂, the sensitivity, for each
   * sample. Where it makes the bound as large as a step, the sample says nothing: such are gradients that are 0 but for rounding, and these
   * alone.
   */
  it('weights and running statistics after five steps of Adam', async () => {
    const { gpu } = held;
    const { lr, weightDecay, steps } = golden.adam;
    const model = goldenModel(gpu);
    const { images, labels } = goldenBatch(gpu);
    const optimizer = new Adam(model.parameters(), { lr, weightDecay });
    const criterion = new CrossEntropyLoss();
    for (let step = 0; step < steps; step++) {
      gpu.scope(() => {
        optimizer.zeroGrad();
        criterion.call(model.call(images), labels).backward();
        optimizer.step();
      });
    }
    // Rounding alone steers the bias before a batch norm, by up to 2·lr a step; it shows in the running mean, and nowhere else.
    await expectStatistics(model, golden.running5, 2 * lr);

    const parameters = new Map(model.namedParameters());
    let samples = 0;
    let telling = 0;
    for (const parameter of golden.parameters) {
      const { name, stride } = parameter;
      const got = sampled(await inTorchLayout(parameters.get(name) as Tensor), stride);
      const expected = decode(parameter.weight5);
      let worst = 0;
      for (const [i, sensitivity] of decode(parameter.sensitivity).entries()) {
        const bound =
          lr * Math.min(2 * steps, 3 * gradientError(parameter) * sensitivity) +
          2 * steps * 2 ** -24 * Math.abs(expected[i]);
        samples++;
        if (bound < lr / 10) telling++;
        worst = Math.max(worst, Math.abs(got[i] - expected[i]) / bound);
      }
      expect(worst, name).toBeLessThan(1);
    }
    expect(telling / samples).toBeGreaterThan(0.8);
  });
});
