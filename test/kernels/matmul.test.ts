import { afterEach, describe, expect, it } from 'vitest';
import { matmul, transpose } from '../../src/kernels/matmul.ts';
import { RUNGS } from '../../src/kernels/rungs.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';

const held = useGpu();
afterEach(() => {
  held.gpu.forcedRung = undefined;
});

// Up to 576 products of random numbers: √576 · 6e-8 ≈ 1.5e-6, relative to the largest output.
const TOLERANCE = 1e-5;

const sizes = [
  [1, 1, 1],
  [1, 10, 16],
  [7, 5, 3],
  [9, 36, 20],
  [64, 64, 64],
  [33, 68, 36],
  [100, 128, 576],
  [5, 12, 30],
];

describe.each(RUNGS)('matmul, %s rung', (rung) => {
  it.each(sizes.map(([m, n, k]) => ({ m, n, k })))('$m × $k by $k × $n, in all transposes', async ({ m, n, k }) => {
    const { gpu } = held;
    gpu.forcedRung = rung;
    const a = randomValues(m * k, 1);
    const b = randomValues(k * n, 2);
    const expected = new Float64Array(m * n);
    for (let i = 0; i < m; i++)
      for (let p = 0; p < k; p++) for (let j = 0; j < n; j++) expected[i * n + j] += a[i * k + p] * b[p * n + j];
    const turn = (values: Float32Array, rows: number, columns: number) =>
      Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const result = gpu.scope(() =>
          matmul(gpu.upload(transposeA ? turn(a, m, k) : a, 'a'), gpu.upload(transposeB ? turn(b, k, n) : b, 'b'), {
            m,
            n,
            k,
            transposeA,
            transposeB,
          }),
        );
        expect(relativeError(await result.read(), expected)).toBeLessThan(TOLERANCE);
      }
    }
  });
});

it('transposes a stack of matrices', async () => {
  const { gpu } = held;
  const x = randomValues(3 * 5 * 7, 3);
  const expected = Float32Array.from(x, (_, i) => x[Math.floor(i / 35) * 35 + (i % 5) * 7 + Math.floor((i % 35) / 5)]);
  expect(await transpose(gpu.upload(x, 'x'), 3, 5, 7).read()).toEqual(expected);
});
