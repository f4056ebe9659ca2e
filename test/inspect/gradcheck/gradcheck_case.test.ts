import { describe, expect, it } from 'vitest';
import { placeOf, runGradcheck } from '../../../src/inspect/gradcheck/gradcheck_case.ts';
import { add, dropout, Linear, mul, Philox, record, Tensor, tensor } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';

const held = useGpu({ fences: false });

/** y = x whose rule adds `extra` to the gradient of the element at `place`. */
const identity = (place: number, extra: number) => (x: Tensor) =>
  record('identity', {
    inputs: [x],
    output: mul(x, 1).buffer,
    shape: x.shape,
    backward: (dy) => {
      const error = new Float32Array(x.size);
      error[place] = extra;
      return [add(new Tensor(dy, x.shape), tensor(x.gpu, error, x.shape)).buffer];
    },
  });

describe('runGradcheck', () => {
  it('tells largest and median error, the worst element with its place and both values, and the tolerance with its reason', async () => {
    const { passed, inputs, reason, step } = await runGradcheck(held.gpu, {
      ...{ name: 'identity', inputs: [[2, 3, 4]], names: ['x'], f: identity(17, 0.5) },
      options: { absolute: 1e-2, relative: 1e-3 },
    });
    expect([passed, step]).toEqual([false, 1e-2]);
    const [{ worst, ...x }] = inputs;
    expect(x).toMatchObject({ name: 'x', shape: [2, 3, 4], checked: 24, wrong: 1, place: [1, 1, 1] });
    expect(worst?.element).toBe(17);
    expect((worst?.backward ?? 0) - (worst?.difference ?? 0)).toBeCloseTo(0.5, 3);
    expect(worst?.error).toBe(x.largestError);
    expect(x.firstWrong).toEqual(worst);
    expect(x.largestError).toBeCloseTo(0.5, 3);
    // Only rounding is left of the 23 others: 6e-8 of numbers below 2, divided by the step.
    expect(x.medianError).toBeLessThan(2e-5);
    expect(x.tolerance).toBeCloseTo(1e-2 + 1e-3 * x.largestGradient, 12);
    expect(reason).toContain('Allowed is 0.01 + 0.001 · the largest gradient of the input.');
    expect(reason).toContain('h²/6 = 1.7e-5');
  });

  it('takes a rule that gives no number for wrong', async () => {
    const { inputs } = await runGradcheck(held.gpu, { name: 'nan', inputs: [[3]], f: identity(1, Number.NaN) });
    expect(inputs[0]).toMatchObject({ wrong: 3, largestError: Number.POSITIVE_INFINITY, place: [1] });
  });

  it('checks the parameters of a layer, and leaves them as they were', async () => {
    const layer = new Linear(held.gpu, 3, 2, { generator: new Philox(1) });
    const before = await layer.weight.data();
    const { passed, inputs } = await runGradcheck(held.gpu, { name: 'l', inputs: [[5, 3]], layer: () => layer });
    expect(passed).toBe(true);
    expect(inputs.map(({ name, checked }) => [name, checked])).toEqual([
      ['x', 15],
      ['weight', 6],
      ['bias', 2],
    ]);
    expect(inputs[1].largestGradient).toBeGreaterThan(0.1);
    expect(await layer.weight.data()).toEqual(before);
  });

  it('draws the same mask each time, and frees all', async () => {
    const { gpu } = held;
    const before = gpu.memory.liveBytes;
    const check = { name: 'dropout', inputs: [[9, 7]], f: (x: Tensor) => dropout(x, 0.5, true) };
    const { passed, inputs } = await runGradcheck(gpu, check);
    expect(passed).toBe(true);
    expect(inputs[0].largestGradient).toBeGreaterThan(1);
    expect(gpu.memory.liveBytes).toBe(before);
  });

  it('wants either a function or a layer', async () => {
    await expect(runGradcheck(held.gpu, { name: 'none', inputs: [[1]] })).rejects.toThrow('none: either f or layer');
  });
});

it('a place is the index in each dimension', () => {
  expect(placeOf([2, 3, 4], 17)).toEqual([1, 1, 1]);
  expect(placeOf([], 0)).toEqual([]);
});
