import { afterEach, describe, expect, it } from 'vitest';
import { CrossEntropyLoss } from '../../../src/nn/losses/cross_entropy.ts';
import type { CustomCNN } from '../../../src/nn/models/custom_cnn.ts';
import { Adam } from '../../../src/nn/optimizers/adam.ts';
import { toTorch } from '../../../src/nn/weights/layout.ts';
import { noGrad, type Tensor } from '../../../src/node.ts';
import { relativeError, useGpu } from '../../gpu.ts';
import { decode, type GoldenParameter, golden, goldenBatch, goldenModel } from './golden_custom_cnn.ts';

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

const held = useGpu();
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
