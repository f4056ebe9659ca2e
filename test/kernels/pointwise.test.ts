import { expect, it } from 'vitest';
import { POINTWISE } from '../../src/inspect/conformance/cases/pointwise.ts';
import { binary } from '../../src/kernels/pointwise.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(POINTWISE, held);

it('runs over more workgroups than a dimension holds', async () => {
  const { gpu } = held;
  const count = 65_536 * 256 + 5;
  const one = { array: gpu.upload(Float32Array.of(3), 'one'), strides: [0] };
  const y = gpu.scope(() => binary('ADD', 'test', [count], one, one));
  const values = await y.read();
  expect(values.length).toBe(count);
  expect(values.every((v) => v === 6)).toBe(true);
});
