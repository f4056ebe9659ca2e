import { describe, expect, it } from 'vitest';
import { downloadTensors, uploadTensors } from '../../../src/nn/weights/host_tensor.ts';
import { readSafetensors, writeSafetensors } from '../../../src/nn/weights/safetensors.ts';
import {
  Adam,
  AdamW,
  type Gpu,
  type Optimizer,
  type OptimizerState,
  openDevice,
  Parameter,
  RMSprop,
  SGD,
  tensor,
} from '../../../src/node.ts';
import { randomValues, useGpu } from '../../gpu.ts';

const held = useGpu({ fences: false });

function parametersOf(gpu: Gpu, ...sizes: number[]): Parameter[] {
  return sizes.map((size, i) => new Parameter(gpu, randomValues(size, 10 + i), [size]));
}

function giveGradients(parameters: readonly Parameter[], seed: number): void {
  for (const [i, parameter] of parameters.entries()) {
    parameter.grad = tensor(parameter.gpu, randomValues(parameter.size, 100 * seed + i), parameter.shape);
  }
}

/** Gives each parameter a gradient that depends on the step, and steps. */
function step(optimizer: Optimizer, parameters: readonly Parameter[], seed: number): void {
  optimizer.zeroGrad();
  giveGradients(parameters, seed);
  optimizer.step();
}

async function valuesOf(parameters: readonly Parameter[]): Promise<Float32Array[]> {
  return Promise.all(parameters.map((parameter) => parameter.data()));
}

const MAKERS: [string, (parameters: Parameter[]) => Optimizer][] = [
  ['Adam', (parameters) => new Adam(parameters, { lr: 0.01, weightDecay: 0.1 })],
  ['SGD with momentum', (parameters) => new SGD(parameters, { lr: 0.1, momentum: 0.9 })],
  ['SGD', (parameters) => new SGD(parameters, { lr: 0.1 })],
  ['AdamW', (parameters) => new AdamW(parameters, { lr: 0.01, weightDecay: 0.1 })],
  ['RMSprop', (parameters) => new RMSprop(parameters)],
  ['RMSprop with all it keeps', (parameters) => new RMSprop(parameters, { momentum: 0.9, centered: true, eps: 1e-4 })],
];

describe('Optimizer', () => {
  it('gives each group its own hyperparameters, which may change between steps', async () => {
    const { gpu } = held;
    const [a, b] = parametersOf(gpu, 1, 1);
    const optimizer = new SGD([{ parameters: [a], lr: 1 }, { parameters: [b] }], { lr: 0.5 });
    const [a0, b0] = (await valuesOf([a, b])).map(([value]) => value);
    const stepByOne = () => {
      a.grad = tensor(gpu, [1]);
      b.grad = tensor(gpu, [1]);
      optimizer.step();
    };
    stepByOne();
    expect(await a.item()).toBeCloseTo(a0 - 1, 6);
    expect(await b.item()).toBeCloseTo(b0 - 0.5, 6);
    optimizer.groups[1].lr = 0.25;
    stepByOne();
    expect(await b.item()).toBeCloseTo(b0 - 0.75, 6);
  });

  it('takes up a momentum that was 0 before', async () => {
    const [p] = parametersOf(held.gpu, 1);
    const optimizer = new SGD([p], { lr: 1 });
    const start = await p.item();
    for (const momentum of [0, 0.5, 0.5]) {
      optimizer.groups[0].momentum = momentum;
      p.grad = tensor(held.gpu, [1]);
      optimizer.step();
    }
    // Steps of 1, 1 and 1 + 0.5.
    expect(await p.item()).toBeCloseTo(start - 3.5, 6);
  });

  it.each(MAKERS)('%s leaves frozen parameters and those without gradient alone', async (_name, make) => {
    const { gpu } = held;
    const parameters = parametersOf(gpu, 5, 6, 7);
    const [frozen, without] = parameters;
    const optimizer = make(parameters);
    step(optimizer, parameters, 1);
    frozen.requiresGrad = false;
    const before = await valuesOf(parameters);
    step(optimizer, parameters, 2);
    without.zeroGrad();
    const after = await valuesOf(parameters);
    optimizer.step();
    expect(after[0]).toEqual(before[0]);
    expect(await without.data()).toEqual(after[1]);
    expect(await parameters[2].data()).not.toEqual(after[2]);
    expect(optimizer.stateDict().scalars.steps).toEqual([1, 2, 3]);
    // A parameter that learns again goes on from its own step.
    frozen.requiresGrad = true;
    step(optimizer, parameters, 3);
    expect(optimizer.stateDict().scalars.steps).toEqual([2, 3, 4]);
    expect((await valuesOf(parameters)).every((values) => values.every(Number.isFinite))).toBe(true);
  });

  it('takes one dispatch for all parameters that do the same, once packed', async () => {
    // The dispatches that poison new memory would count.
    const gpu = await openDevice();
    try {
      for (const [name, make] of MAKERS) {
        const parameters = parametersOf(gpu, 5, 64, 1, 130, 7, 9);
        const optimizer = make(parameters);
        const dispatches = (seed: number) => {
          optimizer.zeroGrad();
          giveGradients(parameters, seed);
          const before = gpu.counters.dispatches;
          optimizer.step();
          return gpu.counters.dispatches - before;
        };
        expect([dispatches(1), dispatches(2)], name).toEqual([1, 1]);
        // One that stands in the middle and does not learn cuts the others in two.
        parameters[2].requiresGrad = false;
        expect(dispatches(3), name).toBe(2);
        // It has then done one step less.
        parameters[2].requiresGrad = true;
        expect(dispatches(4), name).toBe(3);
      }
    } finally {
      gpu.close();
    }
  });

  it('takes one gradient that two parameters share', async () => {
    const { gpu } = held;
    const parameters = parametersOf(gpu, 4, 4);
    const before = await valuesOf(parameters);
    const optimizer = new SGD(parameters, { lr: 1 });
    const shared = tensor(gpu, [1, 2, 3, 4]);
    for (const parameter of parameters) parameter.grad = shared;
    optimizer.step();
    for (const [i, values] of (await valuesOf(parameters)).entries()) {
      expect(values).toEqual(before[i].map((value, j) => value - (j + 1)));
    }
  });

  it('moves parameters on when another optimizer takes them over', async () => {
    const { gpu } = held;
    const parameters = parametersOf(gpu, 5, 6, 7);
    const first = new SGD(parameters, { lr: 1, momentum: 0.9 });
    const second = new Adam([parameters[2], parameters[0]], { lr: 0.1 });
    const reference = parametersOf(gpu, 5, 6, 7);
    const firstAlone = new SGD(reference, { lr: 1, momentum: 0.9 });
    const secondAlone = [2, 0].map((i) => new Adam([reference[i]], { lr: 0.1 }));
    for (const seed of [1, 2, 3]) {
      step(first, parameters, seed);
      second.step();
      step(firstAlone, reference, seed);
      for (const optimizer of secondAlone) optimizer.step();
    }
    expect(await valuesOf(parameters)).toEqual(await valuesOf(reference));
  });

  it('zeroGrad forgets the gradients', () => {
    const parameters = parametersOf(held.gpu, 3, 4);
    const optimizer = new SGD(parameters, { lr: 1 });
    step(optimizer, parameters, 1);
    optimizer.zeroGrad();
    expect(parameters.every(({ grad }) => grad === undefined)).toBe(true);
  });

  it.each(MAKERS)('%s resumed from a file goes on with the same bits', async (_name, make) => {
    const { gpu } = held;
    const original = parametersOf(gpu, 5, 130);
    const optimizer = make(original);
    for (const seed of [1, 2, 3]) step(optimizer, original, seed);

    const { tensors, scalars } = optimizer.stateDict();
    const values = await valuesOf(original);
    const file = writeSafetensors(await downloadTensors(tensors), { scalars: JSON.stringify(scalars) });
    const content = readSafetensors(file);
    const resumed = values.map((data) => new Parameter(gpu, data, [data.length]));
    const other = make(resumed);
    // What it had done before must not matter.
    other.groups[0].lr = 7;
    gpu.scope(() =>
      other.loadStateDict({
        tensors: uploadTensors(gpu, content.tensors),
        scalars: JSON.parse(content.metadata.scalars),
      }),
    );
    expect(other.groups[0].lr).toBe(optimizer.groups[0].lr);

    for (const seed of [4, 5]) {
      step(optimizer, original, seed);
      step(other, resumed, seed);
    }
    expect(await valuesOf(resumed)).toEqual(await valuesOf(original));
  });

  it('refuses the state of another optimizer or model, and is then as it was', async () => {
    const { gpu } = held;
    const parameters = parametersOf(gpu, 5, 6);
    const optimizer = new Adam(parameters, { lr: 0.01 });
    step(optimizer, parameters, 1);
    const state = (others: Parameter[], make: (p: Parameter[]) => Optimizer): OptimizerState => {
      const other = make(others);
      step(other, others, 1);
      return other.stateDict();
    };
    const adam = (p: Parameter[]) => new Adam(p, { lr: 3 });
    expect(() => optimizer.loadStateDict(state(parametersOf(gpu, 5), adam))).toThrow(
      'Adam: the saved state has groups of [1] parameters, this optimizer groups of [2].',
    );
    expect(() => optimizer.loadStateDict(state(parametersOf(gpu, 5, 6), (p) => new SGD(p, { lr: 3 })))).toThrow(
      'Adam: the saved state has the hyperparameters lr, momentum, nesterov, weightDecay; betas, eps, lr, weightDecay are needed.',
    );
    expect(() => optimizer.loadStateDict(state(parametersOf(gpu, 5, 7), adam))).toThrow(
      'Of another shape: 1.exp_avg ([7] where [6] is needed), 1.exp_avg_sq ([7] where [6] is needed).',
    );
    const unusable = state(parametersOf(gpu, 5, 6), adam);
    unusable.scalars.groups[0].hyperparameters.lr = 'fast';
    expect(() => optimizer.loadStateDict(unusable)).toThrow('Adam: lr must be a number of at least 0, not fast.');
    expect(optimizer.groups[0].lr).toBe(0.01);
    expect(optimizer.stateDict().scalars.steps).toEqual([1, 1]);
  });

  it('refuses hyperparameters and parameters that make no sense', () => {
    const parameters = parametersOf(held.gpu, 3);
    expect(() => new SGD(parameters, { lr: -1 })).toThrow('SGD: lr must be a number of at least 0, not -1.');
    expect(() => new SGD(parameters, { lr: 1, nesterov: true })).toThrow('SGD: nesterov needs a momentum above 0.');
    expect(() => new Adam(parameters, { betas: [0.9, 1] })).toThrow(
      'Adam: each of betas must be a number of at least 0 and below 1, not 1.',
    );
    expect(() => new Adam([{ parameters, lr: Number.NaN }])).toThrow('Adam: lr must be a number');
    expect(() => new AdamW(parameters, { eps: -1 })).toThrow('AdamW: eps must be a number of at least 0, not -1.');
    expect(() => new RMSprop(parameters, { alpha: -1 })).toThrow('RMSprop: alpha must be a number of at least 0');
    expect(() => new Adam([])).toThrow('Adam: there are no parameters to optimize.');
    expect(() => new Adam([...parameters, ...parameters])).toThrow('Adam: a parameter was given twice.');
  });
});
