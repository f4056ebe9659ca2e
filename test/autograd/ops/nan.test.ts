import { describe, expect, it } from 'vitest';
import { addRelu, batchNorm2d, dropout, leakyRelu, relu, type Shape, type Tensor, tensor } from '../../../src/node.ts';
import { watchRungs } from '../../../src/runtime/choose_rung.ts';
import { RUNGS } from '../../../src/runtime/rungs.ts';
import { randomValues, useGpu } from '../../gpu.ts';
import { type Case, nanCases, statistics } from './nan_cases.ts';

const held = useGpu();

/** Far beyond the other values, so that it decides every comparison that it can. */
const FAR = 50;

const CASES = nanCases(held);

const values = (shape: Shape, seed: number) =>
  randomValues(
    shape.reduce((a, b) => a * b, 1),
    seed,
  );

/** The operation's output, or, where dy is given, the gradients of its inputs behind one another, for these inputs. */
async function evaluate({ shapes, run }: Case, inputs: readonly Float32Array[], dy?: Float32Array): Promise<number[]> {
  const { gpu } = held;
  gpu.generator = { seed: 5, stream: 0, offset: 3 };
  const tensors = inputs.map((data, i) => tensor(gpu, data, shapes[i], { requiresGrad: dy !== undefined }));
  const y = run(tensors);
  if (dy === undefined) return [...(await y.data())];
  y.backward(tensor(gpu, dy, y.shape));
  const gradients: number[] = [];
  for (const { grad } of tensors) gradients.push(...(await grad!.data()));
  return gradients;
}

/** Which numbers of `after` are not those of `before`. */
const changed = (before: readonly number[], after: readonly number[]) =>
  [...after.keys()].filter((i) => !Object.is(before[i], after[i]));

function withValue(data: Float32Array, at: number, value: number): Float32Array {
  const copy = data.slice();
  copy[at] = value;
  return copy;
}

/** Whether an operation's kernels have rungs: the others are the same on each. */
const hasRungs = ({ name }: Case) => /^(conv|matmul|linear|supervised)/.test(name);

it.each(CASES)('$name chooses among rungs where it is said to', (operation) => {
  const inputs = operation.shapes.map((shape, i) =>
    tensor(held.gpu, values(shape, 11 + i), shape, { requiresGrad: true }),
  );
  const seen = new Set<string>();
  watchRungs(
    (shapeClass) => seen.add(shapeClass),
    () => {
      const y = operation.run(inputs);
      y.backward(tensor(held.gpu, values(y.shape, 31), y.shape));
    },
  );
  expect(seen.size > 0).toBe(hasRungs(operation));
});

describe.each(RUNGS)('a NaN goes on to all that depends on it, %s rung', (rung) => {
  const cases = rung === RUNGS[0] ? CASES : CASES.filter(hasRungs);

  it.each(cases)('$name', async (operation) => {
    const { gpu } = held;
    gpu.forcedRung = rung;
    try {
      const inputs = operation.shapes.map((shape, i) => values(shape, 11 + i));
      const y = await evaluate(operation, inputs);
      for (const [k, data] of inputs.entries()) {
        for (const at of [0, Math.floor(data.length / 2), data.length - 1]) {
          const given = (value: number) => inputs.map((other, i) => (i === k ? withValue(data, at, value) : other));
          // What a large value changes depends on it; that is no more than what a NaN reaches.
          const depends = new Set([
            ...changed(y, await evaluate(operation, given(FAR))),
            ...changed(y, await evaluate(operation, given(-FAR))),
          ]);
          const reached = await evaluate(operation, given(Number.NaN));
          expect([...depends].filter((i) => !Number.isNaN(reached[i]))).toEqual([]);
        }
      }
    } finally {
      gpu.forcedRung = undefined;
    }
  });

  it.each(cases)('the gradient of $name', async (operation) => {
    const { gpu } = held;
    gpu.forcedRung = rung;
    try {
      const inputs = operation.shapes.map((shape, i) => values(shape, 11 + i));
      const count = (await evaluate(operation, inputs)).length;
      const dy = values([count], 31);
      const dx = await evaluate(operation, inputs, dy);
      for (const at of new Set([0, Math.floor(count / 2), count - 1])) {
        const depends = changed(dx, await evaluate(operation, inputs, withValue(dy, at, FAR)));
        const reached = await evaluate(operation, inputs, withValue(dy, at, Number.NaN));
        expect(depends.filter((i) => !Number.isNaN(reached[i]))).toEqual([]);
      }
    } finally {
      gpu.forcedRung = undefined;
    }
  });
});

describe.each(CASES.filter(({ passes }) => !passes))('the gradient of $name at a NaN', (operation) => {
  it('is NaN in all that depends on that value', async () => {
    const inputs = operation.shapes.map((shape, i) => values(shape, 11 + i));
    const dy = values([(await evaluate(operation, inputs)).length], 31);
    const dx = await evaluate(operation, inputs, dy);
    for (const [k, data] of inputs.entries()) {
      const given = (value: number) => inputs.map((other, i) => (i === k ? withValue(data, 1, value) : other));
      const depends = changed(dx, await evaluate(operation, given(FAR), dy));
      const reached = await evaluate(operation, given(Number.NaN), dy);
      expect(depends.filter((i) => !Number.isNaN(reached[i]))).toEqual([]);
    }
  });
});

it('dropout hands on the NaN that it drops too, as 0 · NaN is one', async () => {
  const { gpu } = held;
  const x = tensor(gpu, new Float32Array(101).fill(Number.NaN), [101], { requiresGrad: true });
  const y = dropout(x, 0.5, true);
  expect([...(await y.data())].every(Number.isNaN)).toBe(true);
  y.backward(tensor(gpu, new Float32Array(101).fill(Number.NaN)));
  expect([...(await x.grad!.data())].every(Number.isNaN)).toBe(true);
});

it.each([
  ['its input', [1, Number.NaN, -9, 2], [0, 0, 0, 0]],
  ['its bias', [1, 2, -9, 2], [0, Number.NaN, 0, 0]],
])('the gradient of batch norm with ReLU passes where its output is NaN by %s', async (_what, values, biases) => {
  const { gpu } = held;
  const [runningMean, runningVar] = statistics(held);
  const x = tensor(gpu, values, [1, 4], { requiresGrad: true });
  const weight = tensor(gpu, [1, 2, 3, 4]);
  const bias = tensor(gpu, biases, [4], { requiresGrad: true });
  const parts = { weight, bias, runningMean, runningVar, training: false };
  batchNorm2d(x, { ...parts, momentum: 0.1, eps: 0, activation: 'relu' }).backward(tensor(gpu, [3, 5, 7, 11], [1, 4]));
  expect([...(await bias.grad!.data())]).toEqual([3, 5, 0, 11]);
  // Of a NaN in x the gradient takes (x − mean) · 0 along.
  const passed = (await x.grad!.data())[1];
  if (Number.isNaN(values[1])) expect(passed).toBeNaN();
  else expect(passed).toBeCloseTo((5 * 2) / Math.sqrt(2), 5);
});

describe('where an output is NaN, its gradient passes', () => {
  it.each([
    ['relu', (x: Tensor) => relu(x)],
    ['leakyRelu', (x: Tensor) => leakyRelu(x, 1)],
    ['addRelu', (x: Tensor) => addRelu(x, tensor(held.gpu, [0, 0, 0, 0]))],
  ] as const)('through %s, as in PyTorch', async (_name, run) => {
    const x = tensor(held.gpu, [1, Number.NaN, -1, 2], [4], { requiresGrad: true });
    run(x).backward(tensor(held.gpu, [3, 5, 0, 7]));
    expect([...(await x.grad!.data())]).toEqual([3, 5, 0, 7]);
  });
});
