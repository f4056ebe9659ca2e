import { describe, expect, it } from 'vitest';
import {
  Adam,
  CrossEntropyLoss,
  CustomCNN,
  type Gpu,
  indices,
  type Module,
  type Optimizer,
  SGD,
} from '../../src/node.ts';
import { randomTensor, useGpu } from '../gpu.ts';

const held = useGpu();

/** A function that trains a model on one batch, always the same. */
function trainer(gpu: Gpu, model: Module, optimizer: Optimizer): () => void {
  const images = randomTensor(gpu, [4, 8, 8, 3], 1);
  const labels = indices(gpu, [0, 1, 2, 3]);
  const criterion = new CrossEntropyLoss();
  return () =>
    gpu.scope(() => {
      optimizer.zeroGrad();
      criterion.call(model.call(images), labels).backward();
      optimizer.step();
    });
}

/** Steps after which each buffer and bind group that a step needs was made. */
const WARM_UP = 5;

describe('a training step', () => {
  it('takes and leaves the same memory a hundred times, and makes nothing new after the first few', async () => {
    const { gpu } = held;
    const model = new CustomCNN(gpu, { width: 1 / 16 });
    const step = trainer(gpu, model, new Adam(model.parameters(), { weightDecay: 1e-4 }));
    for (let i = 0; i < WARM_UP; i++) step();
    await gpu.finish();
    const { liveBytes, heldBytes } = gpu.memory;
    gpu.resetPeakBytes();
    step();
    const { peakBytes } = gpu.memory;
    const { dispatches, submits, ...before } = gpu.counters;
    for (let i = 0; i < 100; i++) {
      step();
      expect(gpu.memory).toEqual({ liveBytes, peakBytes, heldBytes });
      const { dispatches: _dispatches, submits: _submits, ...now } = gpu.counters;
      expect(now).toEqual(before);
    }
    expect(gpu.counters.dispatches).toBeGreaterThan(dispatches);
    await gpu.finish();
    for (const [name, parameter] of model.namedParameters()) {
      expect((await parameter.data()).every(Number.isFinite), name).toBe(true);
    }
  });

  it('keeps no gradient memory of frozen parameters', () => {
    const { gpu } = held;
    const model = new CustomCNN(gpu, { width: 1 / 16 });
    model.getModule('features').setRequiresGrad(false);
    const step = trainer(gpu, model, new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }));
    step();
    const withGradient = model.namedParameters().filter(([, { grad }]) => grad !== undefined);
    expect(withGradient.map(([name]) => name)).toEqual(
      ['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias'].map((name) => `classifier.${name}`),
    );
  });

  it('learns one batch by heart', async () => {
    const { gpu } = held;
    const model = new CustomCNN(gpu, { width: 1 / 16, dropout: 0 });
    const step = trainer(gpu, model, new Adam(model.parameters(), { lr: 0.01 }));
    for (let i = 0; i < 40; i++) step();
    const images = randomTensor(gpu, [4, 8, 8, 3], 1);
    const loss = new CrossEntropyLoss().call(model.call(images), indices(gpu, [0, 1, 2, 3]));
    // Chance is log 10 = 2.3.
    expect(await loss.item()).toBeLessThan(0.1);
  });

  it('gives the same bits for the same seeds', async () => {
    const train = async () => {
      const { gpu } = held;
      gpu.generator = { seed: 9, stream: 0, offset: 0 };
      const model = new CustomCNN(gpu, { width: 1 / 16, seed: 3 });
      const step = trainer(gpu, model, new Adam(model.parameters()));
      for (let i = 0; i < 5; i++) step();
      return Promise.all([...model.stateDict().values()].map((t) => t.data()));
    };
    expect(await train()).toEqual(await train());
  });
});
