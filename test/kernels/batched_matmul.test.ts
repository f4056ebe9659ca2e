import { expect, it } from 'vitest';
import { batchedMatmul } from '../../src/kernels/batched_matmul.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';

const held = useGpu();

it.each([
  { batch: 1, m: 1, n: 1, k: 1 },
  { batch: 3, m: 7, n: 5, k: 3 },
  { batch: 2, m: 4, n: 8, k: 64 },
  { batch: 5, m: 13, n: 34, k: 17 },
  { batch: 70, m: 9, n: 2, k: 1 },
  { batch: 2, m: 3, n: 5, k: 0 },
  { batch: 0, m: 3, n: 5, k: 2 },
])('$batch products of $m × $k and $k × $n, in all transposes', async ({ batch, m, n, k }) => {
  const { gpu } = held;
  const [a, b] = [randomValues(batch * m * k, 1), randomValues(batch * k * n, 2)];
  const expected = new Float64Array(batch * m * n);
  for (let z = 0; z < batch; z++)
    for (let i = 0; i < m; i++)
      for (let p = 0; p < k; p++)
        for (let j = 0; j < n; j++) expected[(z * m + i) * n + j] += a[(z * m + i) * k + p] * b[(z * k + p) * n + j];
  const turn = (values: Float32Array, rows: number, columns: number) =>
    values.map((_, i) => {
      const [matrix, place] = [Math.floor(i / (rows * columns)), i % (rows * columns)];
      return values[(matrix * rows + (place % rows)) * columns + Math.floor(place / rows)];
    });
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const c = batchedMatmul(
        gpu.upload(transposeA ? turn(a, m, k) : a, 'a'),
        gpu.upload(transposeB ? turn(b, k, n) : b, 'b'),
        { batch, m, n, k, transposeA, transposeB },
      );
      // Up to 64 products of numbers below 1.
      expect(relativeError(await c.read(), expected)).toBeLessThan(4e-6);
    }
  }
});
