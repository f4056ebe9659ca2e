import { describe, expect, it } from 'vitest';
import { add, indices, isGradEnabled, mul, noGrad, relu, scale, sum, type Tensor, tensor } from '../../src/node.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu({ fences: false });
const leaf = (values: number[]) => tensor(held.gpu, values, [values.length], { requiresGrad: true });
const gradOf = async (t: Tensor) => [...(await (t.grad as Tensor).data())];

describe('backward', () => {
  it('adds up over the uses of a tensor and over passes, until zeroGrad', async () => {
    const x = leaf([1, 2, 3]);
    sum(add(mul(x, x), scale(x, 4))).backward();
    expect(await gradOf(x)).toEqual([6, 8, 10]);
    sum(scale(x, 0.5)).backward();
    expect(await gradOf(x)).toEqual([6.5, 8.5, 10.5]);
    x.zeroGrad();
    sum(x).backward();
    expect(await gradOf(x)).toEqual([1, 1, 1]);
  });

  it('gives two tensors that share a gradient their own memory', async () => {
    const [x, y] = [leaf([1, 2]), leaf([3, 4])];
    sum(add(x, y)).backward();
    sum(scale(x, 10)).backward();
    expect(await gradOf(x)).toEqual([11, 11]);
    expect(await gradOf(y)).toEqual([1, 1]);
  });

  it('goes by the gradient given for the output, and needs one where that has several elements', async () => {
    const x = leaf([1, 2]);
    expect(() => scale(x, 3).backward()).toThrow('backward: a tensor of shape [2] is not one number');
    scale(x, 3).backward(tensor(held.gpu, [1, -1]));
    expect(await gradOf(x)).toEqual([3, -3]);
  });

  it('frees what it passes: a second walk is an error', () => {
    const x = leaf([1, 2]);
    const loss = sum(mul(x, x));
    loss.backward();
    expect(() => loss.backward()).toThrow('this graph was walked before');
    expect(() => sum(tensor(held.gpu, [1])).backward()).toThrow(
      'nothing this tensor was computed from requires a gradient',
    );
  });

  it('records nothing inside noGrad, nor through detach', () => {
    const x = leaf([1, 2]);
    expect(noGrad(() => mul(x, x)).requiresGrad).toBe(false);
    expect(mul(x.detach(), x.detach()).requiresGrad).toBe(false);
    expect(mul(x, x.detach()).requiresGrad).toBe(true);
  });

  it('refuses an asynchronous noGrad, which would be off for others too, and records again afterwards', () => {
    const x = leaf([1, 2]);
    const wait = async () => mul(x, x);
    expect(() => noGrad(wait as unknown as () => never)).toThrow('noGrad: the function returned a promise');
    expect(isGradEnabled()).toBe(true);
    expect(mul(x, x).requiresGrad).toBe(true);
  });

  it('gives a leaf that is asked itself the gradient 1, added to what it has', async () => {
    const x = leaf([3]);
    x.backward();
    x.backward(tensor(held.gpu, [5]));
    expect(await gradOf(x)).toEqual([6]);
  });

  it('walks graphs of one scope apart from each other', async () => {
    const { gpu } = held;
    const x = leaf([2, 3]);
    gpu.scope(() => {
      const [a, b] = [sum(mul(x, x)), sum(scale(x, 7))];
      a.backward();
      b.backward();
    });
    expect(await gradOf(x)).toEqual([11, 13]);
  });

  it('works on a loss that a scope returned, and gives back what a scope recorded in vain', async () => {
    const { gpu } = held;
    const x = leaf([1, 2]);
    const before = gpu.memory.liveBytes;
    gpu.scope(() => void relu(mul(x, x)));
    expect(gpu.memory.liveBytes).toBe(before);
    const loss = gpu.scope(() => sum(relu(mul(x, x))));
    loss.backward();
    expect(await gradOf(x)).toEqual([2, 4]);
  });
});

describe('hooks', () => {
  it('see the complete gradient of a tensor in mid-graph, which they may keep', async () => {
    const { gpu } = held;
    const x = leaf([1, 2]);
    let seen: Tensor | undefined;
    gpu.scope(() => {
      const y = scale(x, 2);
      y.registerHook((grad) => {
        seen = grad.keep();
      });
      sum(add(mul(y, y), y)).backward();
      // Uses its memory again, were it not kept.
      for (let i = 0; i < 5; i++) scale(x, 100);
    });
    expect([...(await (seen as Tensor).data())]).toEqual([5, 9]);
  });

  it('of a leaf are told once, when all its uses are in', async () => {
    const x = leaf([1, 2]);
    const seen: Tensor[] = [];
    const remove = x.registerHook((grad) => seen.push(grad));
    sum(add(mul(x, x), x)).backward();
    expect(seen).toHaveLength(1);
    expect([...(await seen[0].data())]).toEqual([3, 5]);
    remove();
    sum(x).backward();
    expect(seen).toHaveLength(1);
  });
});

describe('tensor', () => {
  it('takes its shape from nested arrays', async () => {
    const t = tensor(held.gpu, [
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(t.shape).toEqual([2, 3]);
    expect([...(await t.data())]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(tensor(held.gpu, 5).shape).toEqual([]);
  });

  it('refuses ragged arrays and shapes that do not fit', async () => {
    expect(() => tensor(held.gpu, [[1, 2], [3]])).toThrow('found 1 elements where 2 were expected');
    expect(() => tensor(held.gpu, new Float32Array(3), [2, 2])).toThrow('shape [2,2] has 4 elements, the data 3');
    await expect(tensor(held.gpu, [1, 2]).item()).rejects.toThrow('item: the tensor has shape [2], not one element.');
  });
});

describe('indices', () => {
  it('takes all integers of 32 bits', async () => {
    expect(await indices(held.gpu, [0, 3, 2 ** 32 - 1]).data()).toEqual(Uint32Array.of(0, 3, 2 ** 32 - 1));
  });

  it.each([1.5, -1, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (value) => {
    expect(() => indices(held.gpu, [2, value])).toThrow(
      new RangeError(`indices: value 1 is ${value}; labels and indices are integers from 0 to 4294967295.`),
    );
  });
});
