import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BatchNorm2d } from '../../../src/nn/layers/batch_norm2d.ts';
import { Conv2d } from '../../../src/nn/layers/conv2d.ts';
import { Linear } from '../../../src/nn/layers/linear.ts';
import { Module } from '../../../src/nn/module.ts';
import { downloadTensors } from '../../../src/nn/weights/host_tensor.ts';
import { loadWeights } from '../../../src/nn/weights/load_weights.ts';
import { readWeights, type Weights } from '../../../src/nn/weights/read_weights.ts';
import { readSafetensors } from '../../../src/nn/weights/safetensors.ts';
import { writeWeights } from '../../../src/nn/weights/write_weights.ts';
import { noGrad, type Shape, StateDictError, type Tensor, tensor } from '../../../src/node.ts';
import type { Gpu } from '../../../src/runtime/gpu.ts';
import { useGpu } from '../../gpu.ts';

/** The network of test/fixtures/nn/make_weights.py. */
class Net extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly fc: Linear;

  constructor(gpu: Gpu) {
    super();
    this.conv1 = new Conv2d(gpu, 2, 3, 2, { bias: false });
    this.bn1 = new BatchNorm2d(gpu, 3);
    this.fc = new Linear(gpu, 4, 3);
  }

  forward(x: Tensor): Tensor {
    return this.bn1.call(this.conv1.call(x));
  }

  protected outputShape(input: Shape): Shape {
    return this.bn1.inferShape(this.conv1.inferShape(input));
  }
}

const held = useGpu({ fences: false });
const inFile = () => readWeights(readFileSync(new URL('../../fixtures/nn/weights_plain.pth', import.meta.url)));

/** What loading throws, with the model as it was before. */
async function refusalOf(model: Net, weights: Weights, options = {}): Promise<StateDictError> {
  const before = await downloadTensors(model.stateDict());
  let caught: unknown;
  try {
    loadWeights(model, weights, options);
  } catch (error) {
    caught = error;
  }
  expect(await downloadTensors(model.stateDict())).toEqual(before);
  expect(caught).toBeInstanceOf(StateDictError);
  return caught as StateDictError;
}

describe('loadWeights', () => {
  it('puts PyTorch’s weights where they belong, in the engine’s layouts', async () => {
    const model = new Net(held.gpu);
    expect(loadWeights(model, inFile())).toEqual({ missing: [], unexpected: [] });
    const weights = inFile();
    const [conv, fc] = [await model.conv1.weight.data(), await model.fc.weight.data()];
    for (let co = 0; co < 3; co++) {
      for (let ci = 0; ci < 2; ci++) {
        for (let k = 0; k < 4; k++) {
          expect(conv[(k * 2 + ci) * 3 + co]).toBe(weights.get('conv1.weight')?.data[(co * 2 + ci) * 4 + k]);
        }
      }
      for (let i = 0; i < 4; i++) expect(fc[i * 3 + co]).toBe(weights.get('fc.weight')?.data[co * 4 + i]);
    }
    expect(await model.bn1.runningVar.data()).toEqual(weights.get('bn1.running_var')?.data);
    expect(await model.fc.bias?.data()).toEqual(weights.get('fc.bias')?.data);
  });

  it('lets the model compute what PyTorch computes with them', async () => {
    const { gpu } = held;
    const model = new Net(gpu);
    const weights = inFile();
    loadWeights(model, weights);
    const image = [1, -2, 0.5, 3, 2, 0, -1, 0.25];
    const y = await noGrad(() => model.eval().call(tensor(gpu, image, [1, 2, 2, 2]))).data();
    const value = (name: string, i: number) => weights.get(name)?.data[i] as number;
    for (let co = 0; co < 3; co++) {
      // PyTorch's definition, in its own layout: the image is [H, W, C] here.
      let sum = 0;
      for (let ci = 0; ci < 2; ci++) {
        for (let k = 0; k < 4; k++) sum += value('conv1.weight', (co * 2 + ci) * 4 + k) * image[k * 2 + ci];
      }
      const deviation = Math.sqrt(value('bn1.running_var', co) + 1e-5);
      const normal = (sum - value('bn1.running_mean', co)) / deviation;
      const expected = normal * value('bn1.weight', co) + value('bn1.bias', co);
      // A dozen float32 operations (6e-8 each) on numbers of up to some 30.
      expect(Math.abs(y[co] - expected)).toBeLessThan(2e-5);
    }
  });

  it('names all that is missing, unexpected and of another shape, in PyTorch’s layout', async () => {
    const weights = inFile();
    weights.delete('bn1.bias');
    weights.delete('fc.bias');
    weights.set('head.weight', { shape: [1], data: new Float32Array(1) });
    weights.set('head.num_batches_tracked', { shape: [], data: new Float32Array(1) });
    weights.set('conv1.weight', { shape: [3, 2, 3, 3], data: new Float32Array(54) });
    weights.set('fc.weight', { shape: [4, 3], data: new Float32Array(12) });
    const error = await refusalOf(new Net(held.gpu), weights);
    expect(error.message).toBe(
      'Missing from the state: bn1.bias, fc.bias. Unexpected in the state: head.weight. Of another shape: conv1.weight ' +
        '([3,2,3,3] where [3,2,2,2] is needed), fc.weight ([4,3] where [3,4] is needed). Nothing was loaded.',
    );
    expect(error.missing).toEqual(['bn1.bias', 'fc.bias']);
    expect(error.unexpected).toEqual(['head.weight']);
    expect(error.mismatched).toHaveLength(2);
    // A wrong shape is wrong without strict too; so is another number of dimensions.
    expect((await refusalOf(new Net(held.gpu), weights, { strict: false })).message).toContain(
      'Of another shape: conv1',
    );
    weights.set('conv1.weight', { shape: [24], data: new Float32Array(24) });
    expect((await refusalOf(new Net(held.gpu), weights)).message).toContain('conv1.weight ([24] where [3,2,2,2]');
  });

  it('without strict, loads what meets and says what did not', async () => {
    const model = new Net(held.gpu);
    const weights = new Map([
      ['fc.bias', { shape: [3], data: Float32Array.of(1, 2, 3) }],
      ['other', { shape: [2, 2, 2], data: new Float32Array(8) }],
    ]);
    const { missing, unexpected } = loadWeights(model, weights, { strict: false });
    expect(unexpected).toEqual(['other']);
    expect(missing).toEqual([...model.stateDict().keys()].filter((name) => name !== 'fc.bias'));
    expect([...((await model.fc.bias?.data()) ?? [])]).toEqual([1, 2, 3]);
  });

  it('renames on request', async () => {
    const named = new Map([...inFile()].map(([name, value]) => [name.replace(/^fc\./, 'linear.'), value]));
    const model = new Net(held.gpu);
    await refusalOf(model, named);
    loadWeights(model, named, { rename: (name) => name.replace(/^linear\./, 'fc.') });
    expect(await model.fc.bias?.data()).toEqual(inFile().get('fc.bias')?.data);
    expect(() => loadWeights(model, named, { rename: () => 'fc.bias' })).toThrow(
      "loadWeights: two tensors were renamed to 'fc.bias'.",
    );
  });

  it('leaves nothing behind on the device', () => {
    const { gpu } = held;
    const model = new Net(gpu);
    loadWeights(model, inFile());
    const { liveBytes } = gpu.memory;
    for (let i = 0; i < 3; i++) loadWeights(model, inFile());
    expect(gpu.memory.liveBytes).toBe(liveBytes);
  });
});

describe('writeWeights', () => {
  it('writes PyTorch’s names and layouts, which come back the same', async () => {
    const model = new Net(held.gpu);
    loadWeights(model, inFile());
    const file = await writeWeights(model, { note: 'x' });
    const expected = inFile();
    // PyTorch puts a 0 in its place where it is missing.
    expected.delete('bn1.num_batches_tracked');
    expect(new Map([...readWeights(file)].sort())).toEqual(new Map([...expected].sort()));
    expect(readSafetensors(file).metadata).toEqual({ format: 'pt', note: 'x' });

    const other = new Net(held.gpu);
    loadWeights(other, readWeights(file));
    expect(await downloadTensors(other.stateDict())).toEqual(await downloadTensors(model.stateDict()));
  });
});
