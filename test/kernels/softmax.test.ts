import { expect, it } from 'vitest';
import { logSoftmax, logSoftmaxGrad } from '../../src/kernels/softmax.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';

const held = useGpu();

it.each([
  [1, 1],
  [1, 10],
  [70, 7],
  [3, 1000],
  [0, 4],
])('logSoftmax and its gradient against float64: [%i, %i]', async (rows, classes) => {
  const { gpu } = held;
  const x = randomValues(rows * classes, 1, -9, 9);
  const dy = randomValues(rows * classes, 2);
  const y = new Float64Array(x.length);
  const dx = new Float64Array(x.length);
  for (let first = 0; first < x.length; first += classes) {
    const row = x.subarray(first, first + classes);
    const log = Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0));
    const total = dy.subarray(first, first + classes).reduce((sum, v) => sum + v, 0);
    row.forEach((v, c) => {
      y[first + c] = v - log;
      dx[first + c] = dy[first + c] - Math.exp(v - log) * total;
    });
  }
  const out = logSoftmax(gpu.upload(x, 'x'), { rows, classes });
  // Differences of up to 18 round by 1e-6, beside exp, log and sums of 1,000 terms; relative to values up to 18.
  expect(relativeError(await out.read(), y)).toBeLessThan(2e-6);
  const gradient = logSoftmaxGrad(gpu.upload(dy, 'dy'), gpu.upload(Float32Array.from(y), 'y'), { rows, classes });
  // exp of a rounded logarithm of up to 18 errs by 1e-6 of a probability, times a sum of 1,000 numbers below 1.
  expect(relativeError(await gradient.read(), dx)).toBeLessThan(1e-5);
});
