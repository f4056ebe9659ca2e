import { describe, expect, it } from 'vitest';
import { TrainingMonitor } from '../../../src/inspect/diagnose/training_monitor.ts';
import {
  BatchNorm2d,
  Conv2d,
  CrossEntropyLoss,
  Dropout,
  Flatten,
  type Gpu,
  indices,
  Linear,
  type Module,
  noGrad,
  type Optimizer,
  openDevice,
  Philox,
  ReLU,
  Sequential,
  SGD,
  tensor,
} from '../../../src/node.ts';
import { train } from '../../../src/train/trainer.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { outcome, tinyTraining } from '../../train/tiny_training.ts';

const held = useGpu({ fences: false });

const norm = (values: Iterable<number>) => Math.sqrt([...values].reduce((sum, value) => sum + value ** 2, 0));

/** A step on a batch of four images [4, 4, 4, 1] of two classes. */
function stepOf(gpu: Gpu, model: Module, optimizer: Optimizer, seed: number) {
  const images = randomTensor(gpu, [4, 4, 4, 1], seed);
  const labels = indices(gpu, [0, 1, 1, 1]);
  return () => {
    optimizer.zeroGrad();
    const logits = model.call(images);
    const loss = new CrossEntropyLoss().call(logits, labels);
    loss.backward();
    optimizer.step();
    return { loss, logits, labels };
  };
}

function smallNetwork(gpu: Gpu) {
  const generator = new Philox(5, 5);
  return new Sequential({
    conv: new Conv2d(gpu, 1, 3, 3, { padding: 1, generator }),
    bn: new BatchNorm2d(gpu, 3, { activation: 'relu' }),
    flatten: new Flatten(),
    fc: new Linear(gpu, 48, 2, { generator }),
  });
}

describe('TrainingMonitor', () => {
  it('changes no bit of a training: weights, moments, running statistics, history and the place in the random sequence', async () => {
    const { gpu } = held;
    // Dropout and augmentation draw from the device's generator.
    const plain = tinyTraining(gpu);
    const without = await outcome(plain, await train(plain));
    const task = tinyTraining(gpu);
    const monitor = new TrainingMonitor(task.model, task.optimizer, { every: 4 });
    const training = await train({ ...task, watchStep: (step) => void monitor.step(step) });
    const history = await monitor.finish();
    expect(await outcome(task, training)).toEqual(without);
    expect(history.samples.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 8]);
    expect(history.windows.at(-1)).toMatchObject({ first: 6, last: 8 });
    expect(history.classCounts).toEqual([33, 33, 33, 33]);
  });

  it('gives its memory back and takes its hooks away', async () => {
    // A device of its own: the garbage collector gives the memory of other tests back at any time.
    const gpu = await openDevice({ poison: true });
    const model = smallNetwork(gpu);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    await gpu.scope(async () => {
      const step = stepOf(gpu, model, optimizer, 1);
      const watch = async () => {
        const monitor = new TrainingMonitor(model, optimizer, { every: 2 });
        for (let i = 0; i < 5; i++) gpu.scope(() => void monitor.step(step));
        await monitor.finish();
        return monitor;
      };
      // What is kept from the first time on is there for all later ones.
      await watch();
      const before = gpu.memory.liveBytes;
      const monitor = await watch();
      expect(gpu.memory.liveBytes).toBe(before);
      const { dispatches } = gpu.counters;
      gpu.scope(step);
      const each = gpu.counters.dispatches - dispatches;
      gpu.scope(step);
      expect(gpu.counters.dispatches).toBe(dispatches + 2 * each);
      expect(monitor.history.steps).toBe(5);
    });
    gpu.close();
  });

  it('measures what the host computes from the same numbers', async () => {
    const { gpu } = held;
    const model = smallNetwork(gpu);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const images = randomTensor(gpu, [4, 4, 4, 1], 7).keep();
    const { weight } = model.get('fc') as Linear;
    const before = await weight.data();
    const monitor = new TrainingMonitor(model, optimizer);
    let output: Float32Array = new Float32Array();
    const { loss, logits } = await gpu.scope(async () => {
      const step = stepOf(gpu, model, optimizer, 7);
      const done = monitor.step(step);
      output = await done.logits.data();
      return { loss: await done.loss.item(), logits: done.logits };
    });
    const history = await monitor.finish();
    const [sample] = history.samples;
    const after = await weight.data();
    const found = sample.parameters.find(({ name }) => name === 'fc.weight');
    expect(found).toMatchObject({ shape: [48, 2], learns: true, optimized: true });
    expect(found?.weightNorm).toBeCloseTo(norm(before), 5);
    expect(found?.updateNorm).toBeCloseTo(norm(after.map((value, i) => value - before[i])), 6);
    // SGD's step is rate times gradient.
    expect(found?.gradientNorm).toBeCloseTo((found?.updateNorm ?? 0) / 0.1, 4);
    expect(sample.layers.map(({ name, kind }) => [name, kind])).toEqual([
      ['conv', 'weights'],
      ['bn', 'relu'],
      ['fc', 'weights'],
    ]);
    const mean = output.reduce((sum, value) => sum + value, 0) / output.length;
    expect(sample.layers[2].mean).toBeCloseTo(mean, 5);
    expect(sample.layers[2].deviation).toBeCloseTo(norm(output.map((value) => value - mean)) / Math.sqrt(8), 5);
    // dlogits = (softmax − target) / N
    const gradient = [0, 1, 1, 1].flatMap((label, row) => {
      const [a, b] = output.subarray(2 * row, 2 * row + 2);
      return [1 / (1 + Math.exp(b - a)), 1 / (1 + Math.exp(a - b))].map((p, c) => (p - Number(c === label)) / 4);
    });
    expect(sample.layers[2].gradientNorm).toBeCloseTo(norm(gradient), 5);
    const pixels = await images.data();
    expect(sample.input?.mean).toBeCloseTo(pixels.reduce((sum, value) => sum + value, 0) / 64, 5);
    expect(history.windows[0].loss).toBe(loss);
    expect(history.windows[0].crossEntropy).toBeCloseTo(loss, 5);
    expect(history.classCounts).toEqual([1, 3]);
    expect([logits.shape, history.fromStart, sample.staleGradients]).toEqual([[4, 2], true, []]);
  });

  it('counts channels that are 0 for every image', async () => {
    const { gpu } = held;
    const fc = new Linear(gpu, 2, 4);
    gpu.write(fc.weight.buffer, Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0));
    gpu.write((fc.bias as NonNullable<typeof fc.bias>).buffer, Float32Array.of(0, 0, -1, 2));
    const model = new Sequential({ fc, relu: new ReLU() });
    const monitor = new TrainingMonitor(model, new SGD(model.parameters(), { lr: 0.1 }));
    gpu.scope(() => {
      const logits = monitor.step(() => {
        const y = model.call(
          tensor(gpu, [
            [1, -1],
            [-1, -2],
          ]),
        );
        const loss = new CrossEntropyLoss().call(y, indices(gpu, [0, 3]));
        loss.backward();
        return { loss };
      });
      return logits;
    });
    const { samples } = await monitor.finish();
    // Channel 0 lives for the first image, channel 3 always; 1 and 2 never.
    expect(samples[0].layers.find(({ kind }) => kind === 'relu')?.deadChannels).toBe(0.5);
  });

  it('notes forward passes in training mode outside of steps, where nothing is learned from them', async () => {
    const { gpu } = held;
    const model = new Sequential({ drop: new Dropout(0.5), fc: new Linear(gpu, 2, 2) });
    const monitor = new TrainingMonitor(model, new SGD(model.parameters(), { lr: 0.1 }));
    const x = tensor(gpu, [[1, 2]]);
    noGrad(() => void model.call(x));
    model.eval();
    noGrad(() => void model.call(x));
    model.train();
    model.call(x);
    expect((await monitor.finish()).evaluationsInTrainingMode).toBe(1);
  });

  it('is told what it cannot work with', async () => {
    const { gpu } = held;
    const model = new Sequential({ fc: new Linear(gpu, 2, 2) });
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    expect(() => new TrainingMonitor(model, optimizer, { every: 0.5 })).toThrow('every must be a whole number');
    const monitor = new TrainingMonitor(model, optimizer);
    const late = async () => ({});
    expect(() => monitor.step(late as never)).toThrow('a step returned a promise');
    expect((await monitor.finish()).samples).toEqual([]);
  });
});
