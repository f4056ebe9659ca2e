import { expect, it } from 'vitest';
import { indexSelect, indexSelectGrad } from '../../src/kernels/index_select.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';

const held = useGpu();

it.each([
  { outer: 1, rows: 1, inner: 1, picked: 1 },
  { outer: 1, rows: 7, inner: 3, picked: 11 },
  { outer: 3, rows: 5, inner: 4, picked: 2 },
  { outer: 2, rows: 4, inner: 1, picked: 70 },
  { outer: 1, rows: 70, inner: 5, picked: 300 },
  { outer: 1, rows: 3, inner: 5, picked: 0 },
])('picks $picked of [$outer, $rows, $inner], and adds back what goes to a row', async (s) => {
  const { gpu } = held;
  const { outer, rows, inner, picked } = s;
  const x = randomValues(outer * rows * inner, 1);
  const index = Uint32Array.from({ length: picked }, (_, k) => (k * k + 3) % rows);
  const dy = randomValues(outer * picked * inner, 2);
  const expected = new Float32Array(dy.length);
  const dx = new Float64Array(x.length);
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < picked; k++) {
      for (let i = 0; i < inner; i++) {
        const [from, to] = [(o * rows + index[k]) * inner + i, (o * picked + k) * inner + i];
        expected[to] = x[from];
        dx[from] += dy[to];
      }
    }
  }
  const device = gpu.upload(index, 'index');
  expect(await indexSelect(gpu.upload(x, 'x'), device, s).read()).toEqual(expected);
  const gradient = await indexSelectGrad(gpu.upload(dy, 'dy'), device, s).read();
  // Sums of some hundred numbers below 1.
  expect(relativeError(gradient, dx)).toBeLessThan(4e-6);
});

it('gives NaN for an index of no row, and leaves its gradient out', async () => {
  const { gpu } = held;
  const index = gpu.upload(Uint32Array.of(1, 2, 2 ** 32 - 1), 'index');
  const s = { outer: 1, rows: 2, inner: 2 };
  const y = await indexSelect(gpu.upload(Float32Array.of(1, 2, 3, 4), 'x'), index, s).read();
  expect([...y]).toEqual([3, 4, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  const dx = await indexSelectGrad(gpu.upload(new Float32Array(6).fill(1), 'dy'), index, s).read();
  expect([...dx]).toEqual([0, 0, 1, 1]);
});
