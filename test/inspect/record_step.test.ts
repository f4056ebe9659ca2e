import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Adam,
  Conv2d,
  createModel,
  downloadTensors,
  exp,
  type Gpu,
  Linear,
  Module,
  mean,
  openDevice,
  Sequential,
  SGD,
  type Shape,
  type Tensor,
} from '../../src/node.ts';
import { STEP_PHASES, trainingStep } from '../../src/train/training_step.ts';
import { recorded, smallTask } from './recorded.ts';

// New memory is not poisoned here: that takes dispatches.
const held = {} as { gpu: Gpu };
beforeAll(async () => {
  held.gpu = await openDevice({ seed: 42 });
});
afterAll(() => held.gpu.close());
const NETWORKS = [
  { name: 'custom-cnn', width: 1 / 16, shape: [4, 16, 16, 3], layers: 24 },
  { name: 'resnet20', width: 1 / 4, shape: [3, 16, 16, 3], layers: 40 },
  { name: 'efficientnet-b0', width: 1 / 8, shape: [3, 32, 32, 3], layers: 130 },
] as const;

function taskOf({ name, width, shape }: (typeof NETWORKS)[number]) {
  const model = createModel(held.gpu, name, { width, imageSize: shape[1] });
  return smallTask(held.gpu, model, new Adam(model.parameters(), { lr: 0.01 }), [...shape]);
}

describe.each(NETWORKS)('a recorded step of $name', (network) => {
  it('attributes each dispatch, as many as the step has, with the times of the profiler', async () => {
    const { gpu } = held;
    const task = taskOf(network);
    const profiler = gpu.startProfiler();
    const { record } = await recorded(task);
    const all = await profiler.dispatches();
    gpu.stopProfiler();
    const before = gpu.counters.dispatches;
    trainingStep(task, new Uint32Array(0), 0);
    expect(record.dispatches).toHaveLength(gpu.counters.dispatches - before);
    // The first of three runs compiles, the second is the one that is told, the third keeps its tensors, and the gradient of the images.
    const count = record.dispatches.length;
    const second = all
      .slice(-2 * count - 3)
      .map(({ kernel }) => kernel)
      .join();
    expect(second).toContain(record.dispatches.map(({ kernel }) => kernel).join());
    const ms = record.dispatches.reduce((sum, dispatch) => sum + dispatch.ms, 0);
    const sums = Array.from({ length: all.length - count + 1 }, (_, from) =>
      all.slice(from, from + count).reduce((sum, { duration }) => sum + duration, 0),
    );
    expect(Math.min(...sums.map((sum) => Math.abs(sum - ms) / ms))).toBeLessThan(1e-9);
    for (const { phase, flops, bytes } of record.dispatches) {
      expect(STEP_PHASES).toContain(phase);
      expect(flops).toEqual(expect.any(Number));
      expect(bytes).toBeGreaterThan(0);
    }
    const outside = record.dispatches.filter(({ node }) => node === undefined);
    const where = new Set(outside.map(({ phase, operation }) => `${phase} ${operation}`));
    // The first gradient, 1, is no operation's.
    expect([...where].sort()).toEqual(['backward fill', 'optimizer adam']);
    const names = new Set(task.model.namedModules().map(([name]) => name));
    const layers = record.nodes.filter(({ phase }) => phase === 'forward');
    expect(layers.length).toBeGreaterThan(network.layers);
    for (const { module, operation } of layers) {
      expect(names).toContain(module);
      expect(module, operation).not.toBe('');
    }
    for (const [index, { inputs }] of record.nodes.entries()) {
      for (const source of inputs) if ('node' in source) expect(source.node).toBeLessThan(index);
      const own = record.dispatches.filter(({ node }) => node === index);
      // A view of the same memory needs none.
      if (record.nodes[index].operation !== 'reshape') expect(own.length).toBeGreaterThan(0);
    }
  });

  it('leaves model, optimizer and generator as an unrecorded step does, bit for bit', async () => {
    const { gpu } = held;
    const state = async (run: (task: ReturnType<typeof taskOf>) => unknown) => {
      const task = taskOf(network);
      // A first step, so that the optimizer has moments.
      trainingStep(task, new Uint32Array(0), 0);
      await run(task);
      const { tensors, scalars } = task.optimizer.stateDict();
      const numbers = await downloadTensors(new Map([...task.model.stateDict(), ...tensors]));
      return { numbers: [...numbers].map(([name, { data }]) => [name, [...data]]), scalars, at: gpu.generator };
    };
    const plain = await state((task) => trainingStep(task, new Uint32Array(0), 0));
    expect(await state(recorded)).toEqual(plain);
  });
});

it('tells statistics of what flowed, what was kept, and what the step changed', async () => {
  const task = taskOf(NETWORKS[0]);
  const { record, values } = await recorded(task);
  expect(record).toMatchObject({
    ...{ format: 'wgrad-step', version: 1, batchSize: 4, images: [4, 16, 16, 3] },
    optimizer: { type: 'Adam', hyperparameters: { lr: 0.01, betas: [0.9, 0.999] } },
  });
  expect(record.loss).toBeGreaterThan(1);
  expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  for (const [index, node] of record.nodes.entries()) {
    const size = node.shape.reduce((product, length) => product * length, 1);
    expect(node.activation?.count).toBe(size);
    expect(node.gradient?.count).toBe(size);
    expect(node.activation?.histogram.reduce((sum, count) => sum + count, 0)).toBe(size);
    expect(values.activations[index]).toHaveLength(size);
  }
  const conv = record.nodes[0];
  expect(conv).toMatchObject({ operation: 'conv2d', module: 'features.block1.conv1', savedBytes: 4 * 4 * 16 * 16 * 3 });
  const { standing, samples } = record.memory;
  const saved = record.nodes.reduce((sum, { savedBytes }) => sum + savedBytes, 0);
  expect(Math.max(...samples.map(({ bytes }) => bytes))).toBeGreaterThan(
    standing.parameters + standing.optimizer + saved / 2,
  );
  const weight = record.parameters.find(({ name }) => name === 'classifier.fc2.weight');
  // Adam's first step is lr in each direction.
  expect(weight?.update?.max).toBeCloseTo(0.01, 5);
  expect(values.imageGradient).toHaveLength(4 * 16 * 16 * 3);
});

/** A network of one's own, with an operation outside all layers and a frozen layer. */
class Own extends Module {
  readonly frozen = new Conv2d(held.gpu, 3, 4, 3);
  readonly head = new Sequential(new Linear(held.gpu, 4, 3));

  constructor() {
    super();
    this.frozen.setRequiresGrad(false);
  }

  forward(x: Tensor): Tensor {
    return this.head.call(exp(mean(this.frozen.call(x), [1, 2])));
  }

  protected outputShape([n]: Shape): Shape {
    return [n, 3];
  }
}

it('records a network of one’s own, of which only a part learns', async () => {
  const model = new Own();
  const task = smallTask(held.gpu, model, new SGD(model.head.parameters(), { lr: 0.1 }), [2, 6, 5, 3]);
  const { record, values } = await recorded(task);
  expect(record.nodes.map(({ operation, module }) => [operation, module])).toEqual([
    ...[
      ['matmul', 'head.0'],
      ['add', 'head.0'],
    ],
    ['crossEntropy', ''],
  ]);
  expect(record.nodes[0].inputs[0]).toEqual({ other: [2, 4] });
  const frozen = record.dispatches.filter(({ module }) => module === 'frozen');
  expect(frozen.length).toBeGreaterThan(0);
  expect(new Set(frozen.map(({ phase, node }) => `${phase} ${node}`))).toEqual(new Set(['forward undefined']));
  expect(values.imageGradient).toBeUndefined();
  expect(record.modules.map(({ name }) => name)).toEqual(['', 'frozen', 'head', 'head.0']);
});

it('says so where the step does nothing', async () => {
  const task = taskOf(NETWORKS[0]);
  const { recordStep } = await import('../../src/inspect/record_step.ts');
  const { gpu, model, optimizer } = task;
  await expect(recordStep({ gpu, model, optimizer, step: () => {} })).rejects.toThrow('no operation onto the tape');
});
