import { expect, it } from 'vitest';
import { ATTENTION_POOLS } from '../../src/inspect/conformance/cases/reductions.ts';
import { reduceMax } from '../../src/kernels/attention_pools.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(ATTENTION_POOLS, held);

it.each([
  ['last', 3],
  ['first', 1],
] as const)('takes the %s of several NaN', async (nan, row) => {
  const x = held.gpu.upload(Float32Array.of(1, Number.NaN, 5, Number.NaN, 7), 'x');
  const { y, winner } = reduceMax(x, { outer: 1, repeat: 5, inner: 1 }, nan);
  expect([...(await y.read()), ...(await winner.read())]).toEqual([Number.NaN, row]);
});
