import { describe, expect, it } from 'vitest';
import {
  Adam,
  AdamW,
  CrossEntropyLoss,
  CustomCNN,
  clipGradNorm,
  clipGradValue,
  type Gpu,
  indices,
  type Module,
  type Optimizer,
  openDevice,
  type Parameter,
  RMSprop,
  SGD,
  type Tensor,
} from '../../src/node.ts';
import { randomTensor, useGpu } from '../gpu.ts';

const held = useGpu({ fences: false });

type Clip = (parameters: Parameter[]) => unknown;

/** A function that trains a model on one batch, always the same. */
function trainer(gpu: Gpu, model: Module, optimizer: Optimizer, clip?: Clip): () => void {
  const images = randomTensor(gpu, [4, 8, 8, 3], 1);
  const labels = indices(gpu, [0, 1, 2, 3]);
  const criterion = new CrossEntropyLoss();
  return () =>
    gpu.scope(() => {
      optimizer.zeroGrad();
      criterion.call(model.call(images), labels).backward();
      clip?.(model.parameters());
      optimizer.step();
    });
}

/** Steps after which each buffer and bind group that a step needs was made. */
const WARM_UP = 5;

/** Each optimizer, with all that it can keep; the first is tried the longest. */
const OPTIMIZERS: [string, number, (parameters: Parameter[]) => Optimizer, Clip?][] = [
  ['Adam', 100, (parameters) => new Adam(parameters, { weightDecay: 1e-4 })],
  ['AdamW', 20, (parameters) => new AdamW(parameters)],
  ['SGD', 20, (parameters) => new SGD(parameters, { lr: 0.01 })],
  ['SGD with momentum', 20, (parameters) => new SGD(parameters, { lr: 0.01, momentum: 0.9, nesterov: true })],
  ['RMSprop', 20, (parameters) => new RMSprop(parameters, { lr: 1e-3, momentum: 0.9, centered: true })],
  ['clipping by norm', 20, (parameters) => new Adam(parameters), (parameters) => clipGradNorm(parameters, 1)],
  ['clipping by value', 20, (parameters) => new Adam(parameters), (parameters) => clipGradValue(parameters, 0.01)],
];

describe('a training step', () => {
  it.each(OPTIMIZERS)(
    'with %s takes and leaves the same memory %i times, and makes nothing new after the first few',
    async (_name, times, make, clip) => {
      const { gpu } = held;
      const model = new CustomCNN(gpu, { width: 1 / 16 });
      const step = trainer(gpu, model, make(model.parameters()), clip);
      for (let i = 0; i < WARM_UP; i++) step();
      await gpu.finish();
      const { liveBytes, heldBytes } = gpu.memory;
      gpu.resetPeakBytes();
      step();
      const { peakBytes } = gpu.memory;
      const { dispatches, submits, ...before } = gpu.counters;
      for (let i = 0; i < times; i++) {
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
    },
  );

  it('changes all 36 parameters of CustomCNN, and adds up their gradients, in one dispatch each', async () => {
    // The dispatches that poison new memory would count.
    const gpu = await openDevice();
    try {
      const model = new CustomCNN(gpu, { width: 1 / 16, dropout: 0 });
      const parameters = model.parameters();
      expect(parameters.length).toBe(36);
      const images = randomTensor(gpu, [4, 8, 8, 3], 1);
      const labels = indices(gpu, [0, 1, 2, 3]);
      const criterion = new CrossEntropyLoss();
      const count = (work: () => void) => {
        const before = gpu.counters.dispatches;
        work();
        return gpu.counters.dispatches - before;
      };
      const backward = () => gpu.scope(() => criterion.call(model.call(images), labels).backward());
      for (const [name, , make] of OPTIMIZERS) {
        const optimizer = make(parameters);
        optimizer.zeroGrad();
        const first = count(backward);
        expect(count(backward) - first, name).toBe(1);
        expect(
          count(() => optimizer.step()),
          name,
        ).toBe(1);
        expect(
          count(() => optimizer.zeroGrad()),
          name,
        ).toBe(0);
      }
    } finally {
      gpu.close();
    }
  });

  it('adds the gradients of two backward passes to twice those of one', async () => {
    const { gpu } = held;
    const model = new CustomCNN(gpu, { width: 1 / 16, dropout: 0 });
    const images = randomTensor(gpu, [4, 8, 8, 3], 1);
    const labels = indices(gpu, [0, 1, 2, 3]);
    const gradients = async (passes: number) => {
      model.zeroGrad();
      for (let pass = 0; pass < passes; pass++) {
        gpu.scope(() => new CrossEntropyLoss().call(model.call(images), labels).backward());
      }
      return Promise.all(model.parameters().map(({ grad }) => (grad as Tensor).data()));
    };
    const once = await gradients(1);
    expect(await gradients(2)).toEqual(once.map((values) => values.map((value) => 2 * value)));
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
