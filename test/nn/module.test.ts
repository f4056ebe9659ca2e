import { describe, expect, it } from 'vitest';
import {
  add,
  BatchNorm2d,
  type Gpu,
  Linear,
  Module,
  mul,
  Parameter,
  PersistentBuffer,
  relu,
  type Shape,
  type StateDictError,
  sum,
  type Tensor,
  tensor,
} from '../../src/node.ts';
import { randomTensor, useGpu } from '../gpu.ts';

/** Adds a learned number to each column; children in an array and alone, one of them twice. */
class Example extends Module {
  readonly towers: Linear[];
  readonly lastLayer: Linear;
  readonly shared: Linear;
  readonly outputScale: Parameter;
  readonly callCount: PersistentBuffer;
  readonly note = 'neither module nor tensor';

  constructor(gpu: Gpu) {
    super();
    this.towers = [new Linear(gpu, 3, 3), new Linear(gpu, 3, 3)];
    this.lastLayer = new Linear(gpu, 3, 2, { bias: false });
    this.shared = this.lastLayer;
    this.outputScale = new Parameter(gpu, Float32Array.of(2, 3), [2]);
    this.callCount = new PersistentBuffer(gpu, Float32Array.of(7), [1]);
  }

  forward(x: Tensor): Tensor {
    const [a, b] = this.towers;
    return mul(this.lastLayer.call(add(a.call(x), relu(b.call(x)))), this.outputScale);
  }

  protected outputShape([n]: Shape): Shape {
    return [n, 2];
  }
}

const NAMES = [
  'output_scale',
  'towers.0.weight',
  'towers.0.bias',
  'towers.1.weight',
  'towers.1.bias',
  'last_layer.weight',
];

const held = useGpu();

describe('Module', () => {
  it('finds modules, parameters and buffers in its properties, each once, under dotted names in snake case', () => {
    const module = new Example(held.gpu);
    expect(module.namedModules().map(([name]) => name)).toEqual(['', 'towers.0', 'towers.1', 'last_layer']);
    expect(module.namedParameters().map(([name]) => name)).toEqual(NAMES);
    expect(module.namedBuffers().map(([name]) => name)).toEqual(['call_count']);
    expect([...module.stateDict().keys()]).toEqual([...NAMES, 'call_count']);
    expect(module.getModule('towers.1')).toBe(module.towers[1]);
    expect(() => module.getModule('tower')).toThrow("There is no module 'tower'; the modules are: towers.0, towers.1");
  });

  it('train, eval and setRequiresGrad reach all inside it', () => {
    const module = new Example(held.gpu);
    module.eval();
    expect(module.namedModules().every(([, { training }]) => !training)).toBe(true);
    expect(module.train().towers[0].training).toBe(true);
    module.setRequiresGrad(false);
    expect(module.call(randomTensor(held.gpu, [2, 3], 1)).requiresGrad).toBe(false);
  });

  it('zeroGrad forgets the gradients of its parameters', () => {
    const { gpu } = held;
    const module = new Example(gpu);
    gpu.scope(() => sum(module.call(randomTensor(gpu, [4, 3], 1))).backward());
    expect(module.parameters().every(({ grad }) => grad !== undefined)).toBe(true);
    module.zeroGrad();
    expect(module.parameters().every(({ grad }) => grad === undefined)).toBe(true);
  });

  it('its tensors survive the scope they were made in; what a call makes on the way does not', async () => {
    const { gpu } = held;
    const module = gpu.scope(() => ({ module: new Example(gpu) })).module;
    const x = randomTensor(gpu, [4, 3], 1);
    let inner: Tensor | undefined;
    module.towers[0].registerForwardHook((_module, _input, output) => {
      inner = output;
    });
    const y = module.setRequiresGrad(false).call(x);
    expect((await y.data()).every(Number.isFinite)).toBe(true);
    expect(inner?.buffer.isReleased).toBe(true);
  });

  it('forward hooks see input and output and can be removed', async () => {
    const { gpu } = held;
    const module = new Example(gpu);
    const x = randomTensor(gpu, [4, 3], 1);
    const seen: Tensor[] = [];
    const remove = module.lastLayer.registerForwardHook((hooked, input, output) => {
      expect(hooked).toBe(module.lastLayer);
      expect([input.shape, output.shape]).toEqual([
        [4, 3],
        [4, 2],
      ]);
      seen.push(output.keep());
    });
    const y = module.call(x);
    remove();
    module.call(x);
    expect(seen.length).toBe(1);
    // The output of the last layer times [2, 3].
    const kept = await seen[0].data();
    expect(await y.data()).toEqual(kept.map((value, i) => value * (i % 2 === 0 ? 2 : 3)));
  });

  it('output gradient hooks see ∂loss/∂output, to keep', async () => {
    const { gpu } = held;
    const module = new Example(gpu);
    const gradients: Tensor[] = [];
    const remove = module.lastLayer.registerOutputGradientHook((_module, gradient) => {
      gradients.push(gradient.keep());
    });
    const step = () => gpu.scope(() => sum(module.call(randomTensor(gpu, [4, 3], 1))).backward());
    step();
    step();
    remove();
    step();
    expect(gradients.length).toBe(2);
    // y = scale · output, so the gradient is the scale in each row.
    expect([...(await gradients[0].data())]).toEqual([2, 3, 2, 3, 2, 3, 2, 3]);
  });

  it('prints as a tree', () => {
    expect(`${new Example(held.gpu)}`).toBe(
      [
        'Example {',
        '  towers.0: Linear(3 → 3)',
        '  towers.1: Linear(3 → 3)',
        '  last_layer: Linear(3 → 2, no bias)',
        '  shared: Linear(3 → 2, no bias)',
        '}',
      ].join('\n'),
    );
  });
});

describe('loadStateDict', () => {
  it('copies by name, into the same tensors', async () => {
    const { gpu } = held;
    const [from, to] = [new Example(gpu), new Example(gpu)];
    const before = to.lastLayer.weight.buffer;
    expect(to.loadStateDict(from.stateDict())).toEqual({ missing: [], unexpected: [] });
    expect(to.lastLayer.weight.buffer).toBe(before);
    for (const [name, value] of to.stateDict()) {
      expect(await value.data(), name).toEqual(await (from.stateDict().get(name) as Tensor).data());
    }
    // A module's own state changes nothing.
    to.loadStateDict(to.stateDict());
  });

  it('names what is missing, unexpected and of another shape, and then leaves all as it was', async () => {
    const { gpu } = held;
    const module = new Example(gpu);
    const state = new Example(gpu).stateDict();
    state.delete('towers.0.bias');
    state.delete('output_scale');
    state.set('fc.weight', tensor(gpu, [1]));
    state.set('last_layer.weight', tensor(gpu, [[1, 2, 3]]));
    const before = await module.towers[1].weight.data();
    let caught: StateDictError | undefined;
    try {
      module.loadStateDict(state);
    } catch (error) {
      caught = error as StateDictError;
    }
    expect(caught?.name).toBe('StateDictError');
    expect(caught?.message).toBe(
      'Missing from the state: output_scale, towers.0.bias. Unexpected in the state: fc.weight. ' +
        'Of another shape: last_layer.weight ([1,3] where [3,2] is needed). Nothing was loaded.',
    );
    expect(await module.towers[1].weight.data()).toEqual(before);
    // A wrong shape is wrong without `strict` too.
    expect(() => module.loadStateDict(state, { strict: false })).toThrow('Of another shape: last_layer.weight');
    expect(await module.towers[1].weight.data()).toEqual(before);
  });

  it('without strict, loads what meets and says what did not', async () => {
    const { gpu } = held;
    const module = new Example(gpu);
    const state = new Map([
      ['output_scale', tensor(gpu, [5, 6])],
      ['other', tensor(gpu, [1])],
    ]);
    const { missing, unexpected } = module.loadStateDict(state, { strict: false });
    expect(unexpected).toEqual(['other']);
    expect(missing).toEqual([...NAMES.slice(1), 'call_count']);
    expect([...(await module.outputScale.data())]).toEqual([5, 6]);
  });

  it('holds running statistics under PyTorch names', () => {
    const names = [...new BatchNorm2d(held.gpu, 4).stateDict().keys()];
    expect(names).toEqual(['weight', 'bias', 'running_mean', 'running_var']);
  });
});
