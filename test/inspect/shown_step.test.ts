import { beforeAll, describe, expect, it } from 'vitest';
import { activationByHand } from '../../src/inspect/by_hand/activation.ts';
import { type ByHand, productOf } from '../../src/inspect/by_hand/sum.ts';
import { updateByHand } from '../../src/inspect/by_hand/update.ts';
import { gradientByHand } from '../../src/inspect/by_hand/weight.ts';
import { packPage, unpackPage } from '../../src/inspect/page_data.ts';
import { type ShownStep, shownStep } from '../../src/inspect/shown_step.ts';
import { Adam, AdamW, createModel, type Module, type Optimizer, Philox, RMSprop, SGD } from '../../src/node.ts';
import { trainingStep } from '../../src/train/training_step.ts';
import { useGpu } from '../gpu.ts';
import { recorded, smallTask } from './recorded.ts';

const held = useGpu();

/** A step after another one, so that all moments are there; the image in the middle. */
async function shown(model: Module, optimizer: Optimizer, shape: [number, number, number, number]) {
  const task = smallTask(held.gpu, model, optimizer, shape);
  trainingStep(task, new Uint32Array(0), 0);
  return shownStep(await recorded(task), 1);
}

const NETWORKS = [
  { name: 'custom-cnn', width: 1 / 16, shape: [4, 16, 16, 3] },
  { name: 'resnet20', width: 1 / 4, shape: [3, 16, 15, 3] },
  { name: 'efficientnet-b0', width: 1 / 8, shape: [3, 32, 32, 3] },
] as const;

/** The worst of some differences, in units of their bounds. */
function worst(all: readonly ByHand[]): number {
  return Math.max(...all.map(({ sum, device, bound }) => Math.abs(sum - device) / (bound || Number.MIN_VALUE)));
}

describe.each(NETWORKS)('numbers of $name by hand', ({ name, width, shape }) => {
  let step: ShownStep;
  beforeAll(async () => {
    const model = createModel(held.gpu, name, { width, imageSize: shape[1] });
    step = await shown(model, new Adam(model.parameters(), { lr: 0.01 }), [...shape]);
  });

  it('activations are the sums that they are said to be, within float32', () => {
    const generator = new Philox(1);
    const apart = new Set<string>();
    for (const [index, node] of step.record.nodes.entries()) {
      const channels = step.channels[index];
      if (channels.length === 0) continue;
      const made = Array.from({ length: 12 }, () => {
        const at = node.shape.slice(1).map((size) => generator.below(size));
        at[at.length - 1] = channels[generator.below(channels.length)];
        return activationByHand(step, index, at);
      });
      if (made.includes(undefined)) {
        apart.add(node.operation);
        continue;
      }
      const sums = made as ByHand[];
      expect(worst(sums), node.operation).toBeLessThanOrEqual(1);
      for (const { terms, sum, bound, note = '' } of sums) {
        const total = terms.reduce((all, { factors }) => all + productOf(factors), 0);
        if (!/in the same pass|others/.test(note) && node.operation !== 'addRelu')
          expect(Math.abs(total - sum)).toBeLessThanOrEqual(bound);
      }
    }
    expect([...apart]).toEqual([]);
  });

  it('gradients and updates of weights as well', () => {
    const found: Record<string, ByHand[]> = {};
    for (const parameter of step.parameters) {
      for (const weight of parameter.weights) {
        const made = gradientByHand(step, parameter, weight);
        const { operation } = step.record.nodes[parameter.node];
        const key = `${operation} ${parameter.input}`;
        // What its layers compute on the way is not kept.
        if (operation === 'squeezeExcitation') continue;
        expect(made, `${parameter.name}[${weight.index}]`).toBeDefined();
        found[key] = [...(found[key] ?? []), made as ByHand];
        for (const { value, device = value, bound, name: line } of updateByHand(step, weight, parameter.stepsDone) ??
          []) {
          expect(Math.abs(value - device), `${parameter.name} ${line}`).toBeLessThanOrEqual(bound);
          expect(bound).toBeLessThan(1e-4 * Math.abs(value) + 1e-5);
        }
      }
    }
    expect(Object.keys(found).length).toBeGreaterThanOrEqual(5);
    for (const [key, sums] of Object.entries(found)) expect(worst(sums), key).toBeLessThanOrEqual(1);
  });

  it('a number that is another is found to be wrong', () => {
    const index = step.record.nodes.findIndex(({ operation }) => operation === 'conv2d');
    const output = step.tensors.get(`activation:${index}`);
    if (!output) throw new Error('nothing is shown');
    const [channel] = step.channels[index];
    output.data[channel] *= 1.001;
    expect(worst([activationByHand(step, index, [0, 0, channel]) as ByHand])).toBeGreaterThan(1);
  });
});

it.each([
  ['AdamW', (model: Module) => new AdamW(model.parameters(), { lr: 0.01, weightDecay: 0.1 })],
  ['Adam with a penalty', (model: Module) => new Adam(model.parameters(), { lr: 0.01, weightDecay: 0.1 })],
  ['SGD', (model: Module) => new SGD(model.parameters(), { lr: 0.1 })],
  ['SGD with momentum', (model: Module) => new SGD(model.parameters(), { lr: 0.1, momentum: 0.9, weightDecay: 0.01 })],
  ['SGD, Nesterov', (model: Module) => new SGD(model.parameters(), { lr: 0.1, momentum: 0.9, nesterov: true })],
  ['RMSprop, centred', (model: Module) => new RMSprop(model.parameters(), { centered: true, momentum: 0.5 })],
  ['RMSprop', (model: Module) => new RMSprop(model.parameters())],
])('updates by hand: %s', async (_name, optimizerOf) => {
  const model = createModel(held.gpu, 'custom-cnn', { width: 1 / 16, imageSize: 8 });
  const step = await shown(model, optimizerOf(model), [3, 8, 8, 3]);
  const { weights, stepsDone } = step.parameters[0];
  for (const weight of weights) {
    const lines = updateByHand(step, weight, stepsDone) ?? [];
    expect(lines.at(-1)?.name).toBe('w');
    for (const { value, device = value, bound, name } of lines)
      expect(Math.abs(value - device), name).toBeLessThanOrEqual(bound);
  }
});

it('goes into a page and comes back from it', async () => {
  const model = createModel(held.gpu, 'custom-cnn', { width: 1 / 16, imageSize: 8 });
  const step = await shown(model, new Adam(model.parameters()), [2, 8, 8, 3]);
  const about = {
    ...{ title: 'a step', data: 'noise', classNames: ['a', 'b', 'c'], label: 1, shaders: {} },
    normalisation: { mean: [0, 0, 0], std: [1, 1, 1] },
  };
  const { data, numbers } = packPage(step, about);
  const back = unpackPage(JSON.parse(JSON.stringify(data)), numbers);
  expect(back.tensors).toEqual(step.tensors);
  expect(back).toMatchObject({ image: 1, title: 'a step', channels: step.channels });
});
