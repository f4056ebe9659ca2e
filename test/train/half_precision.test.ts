import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cast } from '../../src/autograd/ops/cast.ts';
import { scale } from '../../src/autograd/ops/elementwise.ts';
import { crossEntropy } from '../../src/autograd/ops/softmax.ts';
import { CifarResNet } from '../../src/nn/models/cifar_resnet.ts';
import { CustomCNN } from '../../src/nn/models/custom_cnn.ts';
import { EfficientNetB0 } from '../../src/nn/models/efficientnet_b0.ts';
import { ResNet18 } from '../../src/nn/models/resnet18.ts';
import { Adam } from '../../src/nn/optimizers/adam.ts';
import { UserError } from '../../src/runtime/errors.ts';
import { loadCheckpoint, saveCheckpoint } from '../../src/train/files/checkpoint_files.ts';
import { train } from '../../src/train/trainer.ts';
import { type Objective, TrainingDiverged, type TrainingTask } from '../../src/train/training_task.ts';
import { useGpu } from '../gpu.ts';
import { outcome, stopDuringStep, tinyTraining } from './tiny_training.ts';

const held = useGpu({ fences: false });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-half-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The usual objective with the loss times a factor, so that its gradients pass half precision's range: 65504, of the scaled loss. */
const times = (factor: (step: number) => number): Objective => {
  let step = 0;
  return (model, { images, labels }) => {
    const logits = model.call(images);
    return { loss: scale(crossEntropy(logits, labels), factor(step++)), logits };
  };
};

describe('a training in half precision', () => {
  it('comes to the losses of one in float32, and learns', async () => {
    const options = { epochs: 12, lr: 5e-3, dropout: 0, augmentation: { cropPadding: 1, flip: 0 } };
    const whole = await train(tinyTraining(held.gpu, options));
    const half = await train(tinyTraining(held.gpu, { ...options, precision: 'f16' }));
    expect(whole.skippedSteps).toBeUndefined();
    expect(half.skippedSteps).toBe(0);
    // The first steps see the same images from the same weights.
    expect(Math.abs(half.history[0].loss - whole.history[0].loss)).toBeLessThan(0.01);
    expect(half.history[11].loss).toBeLessThan(0.3);
    expect(half.history[11].accuracy).toBeGreaterThan(0.9);
  });

  it('stores activations in two bytes, and weights, their gradients and the loss in four', async () => {
    const seen: string[] = [];
    const task = tinyTraining(held.gpu, { epochs: 1, precision: 'f16' });
    task.model.features.registerForwardHook((_module, x, y) => void seen.push(x.buffer.storage, y.buffer.storage));
    task.watchStep = (step) => {
      const { loss, logits } = step();
      seen.push(logits.buffer.storage, loss.buffer.storage);
      for (const { buffer, grad } of task.model.parameters()) seen.push(buffer.storage, `${grad?.buffer.storage}`);
    };
    await train(task);
    expect(seen.slice(0, 4)).toEqual(['f16', 'f16', 'f32', 'f32']);
    expect(new Set(seen.slice(4, 4 + 2 * task.model.parameters().length))).toEqual(new Set(['f32']));
  });

  it.each([1, 4])(
    'gives the same bits when it is stopped at step %i and taken up again, its scale too',
    async (stop) => {
      const { gpu } = held;
      // Every third step overflows, the first one too: the optimizer keeps nothing by then.
      const make = (done = 0): ReturnType<typeof tinyTraining> =>
        tinyTraining(gpu, {
          ...{ epochs: 2, precision: 'f16', objective: times((step) => ((step + done) % 3 === 0 ? 1e9 : 1)) },
        });
      const whole = make();
      const finished = await train(whole);
      expect(finished.skippedSteps).toBe(2);
      const expected = await outcome(whole, finished);
      const path = join(folder, `${stop}.safetensors`);
      const first = make();
      first.signal = stopDuringStep(first.source, stop);
      first.onCheckpoint = (at) => saveCheckpoint(path, first, at, 'tiny');
      expect((await train(first)).finished).toBe(false);
      const second = make(stop);
      second.position = await loadCheckpoint(path, second, 'tiny');
      expect(second.position?.scaler?.skippedSteps).toBeGreaterThan(0);
      const resumed = await train(second);
      expect(resumed.skippedSteps).toBe(2);
      expect(await outcome(second, resumed)).toEqual(expected);
    },
  );

  it('skips a step whose gradients overflow, and goes on with a smaller scale', async () => {
    const task = tinyTraining(held.gpu, {
      epochs: 2,
      precision: 'f16',
      objective: times((step) => (step < 2 ? 1e12 : 1)),
    });
    const before = await Promise.all(task.model.parameters().map((parameter) => parameter.data()));
    let after: Float32Array[] | undefined;
    task.onCheckpoint = async ({ scaler }) => {
      expect(scaler?.scale).toBeLessThanOrEqual(2 ** 14);
      after ??= await Promise.all(task.model.parameters().map((parameter) => parameter.data()));
    };
    const { skippedSteps, history } = await train(task);
    expect(skippedSteps).toBe(2);
    expect(Number.isFinite(history[1].loss)).toBe(true);
    expect((after as Float32Array[]).flatMap((values) => [...values]).every(Number.isFinite)).toBe(true);
    expect((after as Float32Array[]).some((values, i) => values[0] !== before[i][0])).toBe(true);
  });

  it('ends in words where no step can be done', async () => {
    const hopeless = tinyTraining(held.gpu, {
      epochs: 40,
      precision: 'f16',
      objective: times(() => Number.POSITIVE_INFINITY),
    });
    await expect(train(hopeless)).rejects.toThrow(TrainingDiverged);
    const slowly = tinyTraining(held.gpu, { epochs: 40, precision: 'f16', objective: times(() => 1e38) });
    await expect(train(slowly)).rejects.toThrow(
      /^In epoch \d+ the gradients of the last \d+ steps were not finite in half precision, though the loss was scaled by no more than .+; try a smaller learning rate, or precision f32\.$/,
    );
  });

  it.each([
    ['ResNet-20', () => new CifarResNet(held.gpu, 20, { width: 0.5, classes: 4, imageSize: 8 })],
    ['ResNet-18', () => new ResNet18(held.gpu, { width: 1 / 16, classes: 4, imageSize: 8 })],
    ['CustomCNN of odd channels', () => new CustomCNN(held.gpu, { width: 3 / 64, classes: 4, imageSize: 8 })],
  ])('takes %s', async (_name, make) => {
    const model = make();
    const task = {
      ...tinyTraining(held.gpu, { epochs: 1 }),
      model,
      optimizer: new Adam(model.parameters()),
      precision: 'f16',
    };
    const { history, skippedSteps } = await train(task as unknown as TrainingTask);
    expect(history[0].loss).toBeGreaterThan(0.5);
    expect(history[0].loss).toBeLessThan(5);
    expect(skippedSteps).toBeLessThan(3);
  });

  it('names the layer that has no half-precision form', async () => {
    const refused = async (model: CustomCNN | EfficientNetB0) => {
      const task = { ...tinyTraining(held.gpu), model, optimizer: new Adam(model.parameters()), precision: 'f16' };
      return train(task as unknown as TrainingTask).catch((error: unknown) => error);
    };
    const efficient = await refused(new EfficientNetB0(held.gpu, { width: 0.25, classes: 4, imageSize: 32 }));
    expect(efficient).toBeInstanceOf(UserError);
    expect(`${efficient}`).toMatch(
      /The layer features\.[\w.]+ \(Conv2d\) computes depthwiseConv2d, which has no half-precision form; train this network with precision f32\.$/,
    );
    const attentive = await refused(
      new CustomCNN(held.gpu, { width: 1 / 16, classes: 4, imageSize: 8, attention: 'se' }),
    );
    expect(`${attentive}`).toMatch(/The layer features\.block1\.attention \(SqueezeExcitation\) computes /);
  });

  it('is refused where the adapter has no half precision, and beside detectAnomaly', async () => {
    const task = tinyTraining(held.gpu, { precision: 'f16' });
    await expect(train({ ...task, detectAnomaly: true })).rejects.toThrow(
      'In half precision gradients beyond its range are no anomaly, as their steps are skipped; look for anomalies with precision f32.',
    );
    const without = vi.spyOn(held.gpu, 'supportsF16', 'get').mockReturnValue(false);
    await expect(train(task)).rejects.toThrow(
      'Training in half precision needs the feature shader-f16, which this adapter does not offer; train with precision f32.',
    );
    without.mockRestore();
    expect(() => cast(task.model.parameters()[0], 'f16')).not.toThrow();
  });
});
