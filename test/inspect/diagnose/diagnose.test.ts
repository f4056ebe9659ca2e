import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CauseName } from '../../../src/inspect/diagnose/cause.ts';
import { diagnose } from '../../../src/inspect/diagnose/diagnose.ts';
import { Adam, type Gpu, type Module, openDevice, SGD, Sigmoid, Tanh } from '../../../src/node.ts';
import { NETWORKS, type Parts, watchTraining } from './small_trainings.ts';

// New memory is not poisoned here: that would double the dispatches, and other tests do it.
let gpu: Gpu;
beforeAll(async () => {
  gpu = await openDevice({ seed: 42 });
});
afterAll(() => gpu.close());

/** Multiplies all parameters. */
async function scaled(model: Module, factor: number): Promise<Module> {
  for (const { buffer, gpu } of model.parameters()) {
    const values = await buffer.read();
    gpu.write(
      buffer,
      values.map((value) => factor * value),
    );
  }
  return model;
}

/** Sets all biases. */
function biased(model: Module, value: number): Module {
  for (const [name, { buffer, size, gpu }] of model.namedParameters()) {
    if (name.endsWith('bias')) gpu.write(buffer, new Float32Array(size).fill(value));
  }
  return model;
}

function freeze(model: Module, which: (name: string) => boolean): Module {
  for (const [name, parameter] of model.namedParameters()) if (which(name)) parameter.requiresGrad = false;
  return model;
}

const { cnn, mlp, norms } = NETWORKS;
const withAdam = (model: Module, lr: number): Parts => ({ model, optimizer: new Adam(model.parameters(), { lr }) });

/** A training that is broken in one way: how, what is found first, and its parts. */
type Broken = [how: string, first: CauseName, parts: (gpu: Gpu) => Parts | Promise<Parts>, steps?: number];

const BROKEN: Broken[] = [
  ['a rate of 1e-6', 'learning-rate-too-small', (gpu) => ({ model: cnn(gpu, 1), lr: 1e-6 })],
  ['a rate of 1e-7 with Adam', 'learning-rate-too-small', (gpu) => withAdam(mlp(gpu, 1), 1e-7)],
  ['a rate of 5', 'learning-rate-too-large', (gpu) => ({ model: mlp(gpu, 1), lr: 5 })],
  ['a rate of 5, with batch norm', 'learning-rate-too-large', (gpu) => ({ model: norms(gpu, 1), lr: 5 })],
  ['a rate of 0.3 with Adam', 'learning-rate-too-large', (gpu) => withAdam(cnn(gpu, 1), 0.3)],
  ['zero initialisation', 'zero-initialisation', async (gpu) => ({ model: await scaled(mlp(gpu, 1), 0) })],
  [
    'zero initialisation with batch norm',
    'zero-initialisation',
    async (gpu) => ({ model: await scaled(norms(gpu, 1), 0) }),
  ],
  ['biases of −3', 'dead-relus', (gpu) => ({ model: biased(mlp(gpu, 1), -3) })],
  ['pixels of 0 to 255', 'unnormalised-input', (gpu) => ({ model: cnn(gpu, 1), mean: 0, std: 1 / 255 })],
  ['pixels divided by 255 twice', 'unnormalised-input', (gpu) => ({ model: norms(gpu, 1), mean: 0, std: 255 })],
  ['weights ten times as large', 'initial-scale', async (gpu) => ({ model: await scaled(mlp(gpu, 1), 10) })],
  ['weights a tenth as large', 'initial-scale', async (gpu) => ({ model: await scaled(cnn(gpu, 1), 0.1) })],
  [
    'tanh at its ends',
    'saturation',
    async (gpu) => ({
      model: await scaled(
        mlp(gpu, 1, () => new Tanh()),
        20,
      ),
    }),
  ],
  ['a stack of sigmoids', 'vanishing-gradients', (gpu) => ({ model: cnn(gpu, 1, () => new Sigmoid()) })],
  ['a loss summed up rather than averaged', 'exploding-gradients', (gpu) => ({ model: cnn(gpu, 1), factor: 1e4 })],
  [
    'shuffled labels',
    'shuffled-labels',
    (gpu) => ({ model: mlp(gpu, 1), labels: (labels, generator) => generator.shuffle(Uint8Array.from(labels)) }),
    110,
  ],
  [
    'shuffled labels with batch norm',
    'shuffled-labels',
    (gpu) => ({ model: norms(gpu, 1), labels: (labels, generator) => generator.shuffle(Uint8Array.from(labels)) }),
    110,
  ],
  ['no zeroGrad', 'forgotten-zero-grad', (gpu) => ({ model: norms(gpu, 1), zeroGrad: false })],
  ['first layers frozen at random', 'frozen-parameters', (gpu) => ({ model: freeze(cnn(gpu, 1), (n) => n < 'fc') })],
  ['the last layer frozen', 'frozen-parameters', (gpu) => ({ model: freeze(mlp(gpu, 1), (n) => n.startsWith('fc3')) })],
  [
    'an optimizer without the last layer',
    'unused-parameters',
    (gpu) => {
      const model = cnn(gpu, 1);
      return { model, optimizer: new SGD(model.parameters().slice(0, -2), { lr: 0.05 }) };
    },
  ],
  ['evaluation mode', 'batch-norm-mode', (gpu) => ({ model: norms(gpu, 1), setMode: (model) => model.eval() })],
  [
    'a frozen batch norm with the statistics of other images',
    'batch-norm-mode',
    (gpu) => {
      const model = freeze(norms(gpu, 1), (name) => name.startsWith('bn'));
      for (const [name, { buffer, size }] of model.namedBuffers()) {
        if (name.endsWith('mean')) gpu.write(buffer, new Float32Array(size).fill(40));
      }
      return { model, setMode: (m) => m.eval() };
    },
  ],
  ['a weight that is NaN', 'non-finite-start', async (gpu) => ({ model: await scaled(mlp(gpu, 1), Number.NaN) })],
];

describe('diagnose', () => {
  it.each(BROKEN)('%s: names %s first', async (_how, first, parts, steps = 25) => {
    const findings = diagnose(await watchTraining(gpu, await parts(gpu), { steps }));
    expect(findings[0]).toMatchObject({ cause: first, level: 'warning' });
    // What else is found follows from it, or from what does.
    for (const { followsFrom, level } of findings.slice(1))
      expect(level === 'note' || followsFrom !== undefined).toBe(true);
    expect(findings[0].evidence).toMatch(/\d/);
    expect(`${findings[0]}`).toBe(`${findings[0].title}. ${findings[0].evidence} ${findings[0].remedy}`);
  });

  it.each([
    ['SGD', (gpu: Gpu): Parts => ({ model: cnn(gpu, 2) })],
    ['Adam', (gpu: Gpu): Parts => withAdam(mlp(gpu, 2), 1e-3)],
    ['batch norm', (gpu: Gpu): Parts => ({ model: norms(gpu, 2) })],
    ['tanh', (gpu: Gpu): Parts => ({ model: cnn(gpu, 2, () => new Tanh()) })],
  ])('finds nothing in a healthy training with %s, at no time', async (_with, parts) => {
    const early: string[] = [];
    const onSample = (history: Parameters<typeof diagnose>[0]) => void early.push(...diagnose(history).map(String));
    const history = await watchTraining(gpu, parts(gpu), { steps: 110, seed: 2, onSample });
    expect(diagnose(history)).toEqual([]);
    expect(early).toEqual([]);
    expect(JSON.parse(JSON.stringify(history))).toEqual(history);
  });

  it('says nothing of a training that has not begun', () => {
    const nothing = { every: 50, fromStart: true, steps: 0, samples: [], windows: [], classCounts: [] };
    expect(diagnose({ ...nothing, evaluationsInTrainingMode: 0 })).toEqual([]);
  });

  it('notes frozen parameters that were trained, and does not warn', async () => {
    const model = mlp(gpu, 3);
    await watchTraining(gpu, withAdam(model, 1e-2), { steps: 60, seed: 3 });
    freeze(model, (name) => name.startsWith('fc1'));
    const [finding, ...others] = diagnose(await watchTraining(gpu, withAdam(model, 1e-3), { steps: 25, seed: 3 }));
    expect([finding.cause, finding.level, others]).toEqual(['frozen-parameters', 'note', []]);
  });
});
