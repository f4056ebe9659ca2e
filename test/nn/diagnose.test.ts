import { describe, expect, it } from 'vitest';
import {
  BatchNorm2d,
  CustomCNN,
  Dropout,
  findNonFinite,
  Linear,
  Module,
  mul,
  Sequential,
  type Shape,
  type Tensor,
  tensor,
} from '../../src/node.ts';
import { randomTensor, useGpu } from '../gpu.ts';

const held = useGpu();

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
