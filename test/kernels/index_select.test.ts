import { expect, it } from 'vitest';
import { INDEX_SELECT } from '../../src/inspect/conformance/cases/layouts.ts';
import { indexSelect, indexSelectGrad } from '../../src/kernels/index_select.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(INDEX_SELECT, held);

it('gives NaN for an index of no row, and leaves its gradient out', async () => {
  const { gpu } = held;
  const index = gpu.upload(Uint32Array.of(1, 2, 2 ** 32 - 1), 'index');
  const s = { outer: 1, rows: 2, inner: 2 };
  const y = await indexSelect(gpu.upload(Float32Array.of(1, 2, 3, 4), 'x'), index, s).read();
  expect([...y]).toEqual([3, 4, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  const dx = await indexSelectGrad(gpu.upload(new Float32Array(6).fill(1), 'dy'), index, s).read();
  expect([...dx]).toEqual([0, 0, 1, 1]);
});
