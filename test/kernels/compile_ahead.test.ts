import { describe, expect, it } from 'vitest';
import { CrossEntropyLoss, CustomCNN, type Gpu, indices, openDevice } from '../../src/node.ts';
import { randomTensor } from '../gpu.ts';

/** A device that has compiled nothing, and the forward and backward pass of a small network on it. */
async function fresh() {
  const gpu = await openDevice({ seed: 7 });
  const model = new CustomCNN(gpu, { width: 1 / 16 });
  const images = randomTensor(gpu, [2, 8, 8, 3], 1);
  const labels = indices(gpu, [3, 5]);
  const criterion = new CrossEntropyLoss();
  const work = () => {
    const loss = criterion.call(model.call(images), labels);
    loss.backward();
    return loss;
  };
  return { gpu, model, work };
}

async function gradients(gpu: Gpu, model: CustomCNN): Promise<Float32Array[]> {
  await gpu.finish();
  return Promise.all(model.parameters().map((parameter) => parameter.grad!.data()));
}

describe('compileAhead', () => {
  it('leaves the step nothing to compile, dispatches nothing, and changes no bit of the result', async () => {
    const plain = await fresh();
    plain.gpu.scope(plain.work);
    const expected = await gradients(plain.gpu, plain.model);

    const { gpu, model, work } = await fresh();
    const { generator } = gpu;
    await gpu.compileAhead(() => {
      work();
      model.zeroGrad();
    });
    expect(gpu.generator).toEqual(generator);
    expect(gpu.counters.dispatches).toBe(0);
    expect(model.parameters().every(({ grad }) => grad === undefined)).toBe(true);
    const { pipelines } = gpu.counters;
    expect(pipelines).toBe(plain.gpu.counters.pipelines);
    gpu.scope(work);
    expect(gpu.counters.pipelines).toBe(pipelines);
    expect(await gradients(gpu, model)).toEqual(expected);
    gpu.close();
    plain.gpu.close();
  });

  it('does not stand in the way of a step that does not wait for it', async () => {
    const { gpu, model, work } = await fresh();
    const coming = gpu.compileAhead(() => {
      work();
      model.zeroGrad();
    });
    gpu.scope(work);
    await coming;
    const pipelines = gpu.counters.pipelines;
    const before = await gradients(gpu, model);
    model.zeroGrad();
    gpu.scope(work);
    expect(gpu.counters.pipelines).toBe(pipelines);
    // Dropout draws anew in the second step, so only that there are gradients is the same.
    expect((await gradients(gpu, model)).map(({ length }) => length)).toEqual(before.map(({ length }) => length));
    gpu.close();
  });

  it('reports what is wrong with a pipeline when it is used', async () => {
    const gpu = await openDevice();
    const wrong = () => {
      const x = gpu.alloc(4, 'f32', 'test');
      gpu.dispatch('fill', {
        arrays: { y: [x, 4] },
        params: { vectors: 1, value: 1 },
        constants: { NO_SUCH_CONSTANT: 1 },
        workgroups: [1],
      });
    };
    await gpu.compileAhead(wrong);
    gpu.scope(wrong);
    await expect(gpu.finish()).rejects.toThrow('NO_SUCH_CONSTANT');
    gpu.close();
  });

  it('ends where the device is lost meanwhile', async () => {
    const { gpu, work } = await fresh();
    const coming = gpu.compileAhead(() => void work());
    gpu.device.destroy();
    await coming;
    await gpu.device.lost;
    expect(() => gpu.scope(work)).toThrow('The GPU device was lost');
    gpu.close();
  });

  it('goes on as usual after work that throws', async () => {
    const { gpu, work } = await fresh();
    await expect(
      gpu.compileAhead(() => {
        throw new Error('halt');
      }),
    ).rejects.toThrow('halt');
    gpu.scope(work);
    expect(gpu.counters.dispatches).toBeGreaterThan(0);
    await gpu.finish();
    gpu.close();
  });
});
