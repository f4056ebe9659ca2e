import { describe, expect, it } from 'vitest';
import { float32Bound } from '../../../src/inspect/conformance/float32_bound.ts';
import { Sums } from '../../../src/inspect/conformance/kernel_case.ts';
import { errorOf, isRight, runKernelCase } from '../../../src/inspect/conformance/run_kernel_case.ts';
import { randomValues, useGpu } from '../../gpu.ts';

const held = useGpu();

describe('errorOf', () => {
  const { NaN: nan } = Number;

  it('is in units of the bound, of the largest value or of each element’s terms', () => {
    const bound = float32Bound(1);
    const found = Float32Array.of(4, 1 + 4 * bound);
    const values = [4, 1];
    expect(errorOf(found, { values }).error).toBeCloseTo(1, 2);
    expect(errorOf(found, { values, magnitudes: [4, 1] }).error).toBeCloseTo(4, 1);
    expect(errorOf(found, { values, magnitudes: [4, 1] }).worst).toEqual({ index: 1, found: found[1], expected: 1 });
    expect(errorOf(found, { values, terms: 10_000 }).error).toBeLessThan(0.05);
  });

  it('of bits is nothing or infinite', () => {
    const exact = { roundings: 'none' } as const;
    expect(errorOf(Float32Array.of(0, nan, 2), { values: [-0, nan, 2], ...exact }).error).toBe(0);
    expect(errorOf(Float32Array.of(1 + 2 ** -23), { values: [1], ...exact }).error).toBe(Number.POSITIVE_INFINITY);
  });

  it('is infinite for NaN, and for another number of elements', () => {
    expect(errorOf(Float32Array.of(nan), { values: [1] }).error).toBe(Number.POSITIVE_INFINITY);
    expect(errorOf(Float32Array.of(1), { values: [1, 2] }).error).toBe(Number.POSITIVE_INFINITY);
  });
});

it('the bound holds for sums of positive numbers in float32, one after the other, and is no more than thirty times too wide', () => {
  const terms = 2000;
  let most = 0;
  for (let seed = 1; seed <= 50; seed++) {
    const [a, b] = [randomValues(terms, seed, 0), randomValues(terms, seed + 1000, 0)];
    const exact = new Sums(1);
    let sum = 0;
    for (let i = 0; i < terms; i++) {
      exact.add(0, a[i] * b[i]);
      sum = Math.fround(sum + Math.fround(a[i] * b[i]));
    }
    expect(exact.terms).toBe(terms);
    most = Math.max(most, Math.abs(sum - exact.values[0]) / (float32Bound(terms) * exact.magnitudes[0]));
  }
  expect(most).toBeLessThan(1);
  expect(most).toBeGreaterThan(1 / 30);
});

describe('runKernelCase', () => {
  it('notes other bits the second time, what is thrown, and the device as it was', async () => {
    const { gpu } = held;
    let calls = 0;
    const [one, two] = await runKernelCase(
      gpu,
      {
        name: 'made up',
        prepare: () => (gpu) => [
          { name: 'other bits', run: () => gpu.upload(Float32Array.of(1 + calls++ * 2 ** -23), 'y'), values: [1] },
          {
            name: 'thrown',
            run() {
              throw new Error('no such luck');
            },
            values: [1],
          },
        ],
      },
      ['naive'],
    );
    expect(one).toMatchObject({ case: 'made up', output: 'other bits', rung: 'naive', repeats: false });
    expect(isRight(one)).toBe(false);
    expect(two).toMatchObject({ problem: 'no such luck' });
    expect(gpu.forcedRung).toBeUndefined();
    expect(Object.hasOwn(gpu, 'dispatch')).toBe(false);
  });
});
