import { expect, it } from 'vitest';
import { HISTOGRAM_BINS } from '../../src/inspect/step_record.ts';
import { tensorStatistics } from '../../src/inspect/tensor_statistics.ts';

it('counts, and leaves what is not finite out of all else', () => {
  const { histogram, deviation, ...rest } = tensorStatistics(Float32Array.of(0, -1, 3, NaN, Infinity, 0, 2));
  expect(rest).toEqual({
    ...{ count: 7, mean: 0.8 },
    ...{ zeros: 2 / 7, min: -1, max: 3, nan: 1, infinite: 1 },
  });
  expect(deviation).toBeCloseTo(Math.sqrt((0.64 * 2 + 3.24 + 4.84 + 1.44) / 5), 12);
  const expected = new Array(HISTOGRAM_BINS).fill(0);
  expected[0] = 1;
  expected[10] = 2;
  expected[30] = 1;
  expected[39] = 1;
  expect(histogram).toEqual(expected);
});

it('has an answer for equal values, and for none that is finite', () => {
  expect(tensorStatistics(Float32Array.of(2, 2))).toMatchObject({ mean: 2, deviation: 0, min: 2, max: 2 });
  expect(tensorStatistics(Float32Array.of(2, 2)).histogram[0]).toBe(2);
  expect(tensorStatistics(Float32Array.of(NaN))).toMatchObject({ count: 1, nan: 1, mean: 0, min: 0, max: 0 });
  expect(tensorStatistics(new Float32Array(0))).toMatchObject({ count: 0, mean: 0, zeros: 0 });
});
