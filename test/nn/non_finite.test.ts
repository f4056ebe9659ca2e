import { describe, expect, it } from 'vitest';
import { record } from '../../src/autograd/record.ts';
import { copy, fill } from '../../src/kernels/elementwise.ts';
import {
  AnomalyError,
  BatchNorm2d,
  CustomCNN,
  Dropout,
  detectAnomaly,
  findBadTarget,
  findNonFinite,
  findNonFiniteInStep,
  indices,
  Linear,
  Module,
  mul,
  Sequential,
  type Shape,
  scale,
  sum,
  type Tensor,
  tensor,
} from '../../src/node.ts';
import { randomTensor, useGpu } from '../gpu.ts';

const held = useGpu({ fences: false });

/** Squares twice: overflows for inputs above 4e9. */
class Quartic extends Module {
  forward(x: Tensor): Tensor {
    const square = mul(x, x);
    return mul(square, square);
  }

  protected outputShape(input: Shape): Shape {
    return input;
  }
}

describe('findNonFinite', () => {
  it('finds nothing in a healthy model, and leaves no trace in it', async () => {
    const { gpu } = held;
    const model = new CustomCNN(gpu, { width: 1 / 16 });
    const [, runningMean] = model.namedBuffers()[0];
    const before = { mean: await runningMean.data(), generator: gpu.generator };
    const x = randomTensor(gpu, [2, 16, 16, 3], 1);
    const { liveBytes } = gpu.memory;
    expect(await findNonFinite(model, x)).toBeUndefined();
    expect(gpu.memory.liveBytes).toBe(liveBytes);
    expect({ mean: await runningMean.data(), generator: gpu.generator }).toEqual(before);
  });

  it('names the module in whose output it began, not those after it', async () => {
    const { gpu } = held;
    const model = new Sequential({
      fc: new Linear(gpu, 2, 2),
      body: new Sequential(new Dropout(0), new Quartic(), new Linear(gpu, 2, 2)),
    });
    gpu.write((model.get('fc') as Linear).weight.buffer, Float32Array.of(1, 0, 0, 1));
    const found = await findNonFinite(model, tensor(gpu, [[1, 1e10]]));
    expect([found?.kind, found?.name, found?.index]).toEqual(['output', 'body.1', 1]);
    expect(`${found}`).toBe('the output of body.1 (Quartic) holds Infinity');
  });

  it('looks at parameters, buffers and the input first, at gradients last', async () => {
    const { gpu } = held;
    const model = new Sequential({ fc: new Linear(gpu, 2, 2), bn: new BatchNorm2d(gpu, 2) });
    const fc = model.get('fc') as Linear;
    const x = tensor(gpu, [[1, 2]]);
    expect(`${await findNonFinite(new Sequential(fc), tensor(gpu, [[1, Number.NaN]]))}`).toBe('the input holds NaN');
    fc.weight.grad = tensor(gpu, [
      [1, 2],
      [Number.NEGATIVE_INFINITY, 4],
    ]);
    expect(`${await findNonFinite(new Sequential({ fc }), x)}`).toBe('the gradient of fc.weight holds -Infinity');
    const bn = model.get('bn') as BatchNorm2d;
    gpu.write(bn.runningVar.buffer, Float32Array.of(1, Number.NaN));
    expect(`${await findNonFinite(model, x)}`).toBe('the buffer bn.running_var holds NaN');
    gpu.write(fc.bias?.buffer ?? fc.weight.buffer, Float32Array.of(Number.NaN, 0));
    const found = await findNonFinite(model, x);
    expect([`${found}`, found?.kind, found?.name]).toEqual(['the parameter fc.bias holds NaN', 'parameter', 'fc.bias']);
  });
});

describe('findNonFiniteInStep', () => {
  it('finds nothing in a healthy step, whose gradients it leaves', async () => {
    const { gpu } = held;
    const model = new CustomCNN(gpu, { width: 1 / 16 });
    const x = randomTensor(gpu, [2, 16, 16, 3], 1);
    const step = () => sum(model.call(x));
    expect(await findNonFiniteInStep(model, step)).toBeUndefined();
    const before = gpu.memory.liveBytes;
    for (const parameter of model.parameters()) expect(parameter.grad).toBeDefined();
    model.zeroGrad();
    expect(await findNonFiniteInStep(model, step)).toBeUndefined();
    expect(gpu.memory.liveBytes).toBe(before);
  });

  it('names the operation within its layer, the gradient where that is first, and modules in which nothing learns', async () => {
    const { gpu } = held;
    const model = new Sequential({ fc: new Linear(gpu, 2, 2), body: new Quartic() });
    gpu.write((model.get('fc') as Linear).weight.buffer, Float32Array.of(1, 0, 0, 1));
    const find = async (value: number) =>
      `${await findNonFiniteInStep(model, () => sum(model.call(tensor(gpu, [[1, value]]))))}`;
    expect(await find(Number.NaN)).toBe('the input holds NaN');
    expect(await find(1e10)).toBe('the output of mul in body (Quartic) holds Infinity');
    // 1e9⁴ is 1e36, 4 · 1e9³ · 1e9 overflows only with a further factor.
    const steep = () => scale(sum(model.call(tensor(gpu, [[1, 2e9]]))), 3e38);
    expect(`${await findNonFiniteInStep(model, steep)}`).toBe('the output of scale in the loss holds Infinity');
    for (const parameter of model.parameters()) parameter.requiresGrad = false;
    const learning = new Linear(gpu, 2, 2);
    const whole = new Sequential({ frozen: model, fc: learning });
    const frozen = () => sum(whole.call(tensor(gpu, [[1, 1e10]])));
    expect(`${await findNonFiniteInStep(whole, frozen)}`).toBe('the output of frozen.body (Quartic) holds Infinity');
  });

  it('follows the backward pass to the first gradient that is not finite', async () => {
    const { gpu } = held;
    const model = new Sequential({ first: new Linear(gpu, 2, 2), second: new Linear(gpu, 2, 2) });
    const spoil = (x: Tensor) =>
      record('spoil', {
        inputs: [x],
        output: copy(x.buffer),
        shape: x.shape,
        backward: () => [fill(gpu, x.size, Number.POSITIVE_INFINITY)],
      });
    const found = await findNonFiniteInStep(model, () => sum(spoil(model.call(tensor(gpu, [[1, 2]])))));
    expect([found?.kind, found?.name]).toEqual(['gradient', 'second']);
    expect(`${found}`).toBe('the gradient of the output of add in second (Linear) holds Infinity');
  });
});

describe('detectAnomaly', () => {
  it('does the step, or throws what it found first', async () => {
    const { gpu } = held;
    const model = new Sequential(new Linear(gpu, 2, 2), new Quartic());
    await detectAnomaly(model, () => sum(model.call(tensor(gpu, [[1, 2]]))));
    expect(model.parameters().every(({ grad }) => grad !== undefined)).toBe(true);
    const error = await detectAnomaly(model, () => sum(model.call(tensor(gpu, [[1e12, 1e12]])))).catch(
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(AnomalyError);
    expect(error.message).toMatch(/^detectAnomaly: the output of mul in 1 \(Quartic\) holds Infinity\.$/);
    expect(error.found.name).toBe('1');
  });
});

describe('findBadTarget', () => {
  it('finds nothing in classes and distributions', async () => {
    const { gpu } = held;
    expect(await findBadTarget(indices(gpu, [0, 9, 3]), 10)).toBeUndefined();
    expect(
      await findBadTarget(
        tensor(gpu, [
          [0.25, 0.75],
          [1, 0],
        ]),
        2,
      ),
    ).toBeUndefined();
  });

  it('names the first label that is no class', async () => {
    const { gpu } = held;
    expect(await findBadTarget(indices(gpu, [3, 255, 9]), 10, 255)).toBeUndefined();
    expect(await findBadTarget(indices(gpu, [255, 12]), 10, 255)).toContain('the label of row 1 is 12');
    expect(await findBadTarget(indices(gpu, [3, 12, 10]), 10)).toBe(
      'the label of row 1 is 12; with 10 classes it must be 0 to 9',
    );
  });

  it('names the first value that is no probability', async () => {
    const { gpu } = held;
    const target = (value: number) =>
      findBadTarget(
        tensor(gpu, [
          [1, 0],
          [0, value],
        ]),
        2,
      );
    expect(await target(-0.5)).toBe('the target of row 1 holds -0.5 for class 1; it must be a probability');
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) expect(await target(value)).toContain(`holds ${value}`);
  });
});
