import { expect, it } from 'vitest';
import { loadsOfProduct } from '../../../src/inspect/ladder/loads.ts';
import { useGpu } from '../../gpu.ts';

const held = useGpu();

it('counts loads per multiply-add as the shaders cut the work', () => {
  const { gpu } = held;
  const of = (shader: string, columns = 512, sharing = 1) => loadsOfProduct(gpu, shader, { columns, sharing });
  expect(of('matmul_naive')).toEqual({ buffer: 2, workgroup: 0 });
  // 2 · 64 · 16 elements of two slabs for 64 · 64 · 16 multiply-adds; 8 elements for the 16 of an invocation.
  expect(of('matmul_tiled')).toEqual({ buffer: 1 / 32, workgroup: 1 / 2 });
  // The same for the usual tile of the blocked rung.
  expect(of('conv2d_blocked')).toEqual(of('matmul_tiled'));
  const [, lanes] = gpu.adapter.subgroupSizes;
  if (lanes === 0) return;
  // Each lane loads 32 vec4s of A and 4 · lanes of B for 32 · 16 · lanes multiply-adds.
  expect(of('matmul_subgroup').buffer).toBeCloseTo((4 * 32 + 16 * lanes) / (32 * 16 * lanes), 12);
  // Two lanes side by side span 8 columns.
  expect(of('matmul_subgroup', 8).buffer).toBeCloseTo((4 * 32 + 16 * 2) / (32 * 16 * 2), 12);
  // 36 pixels serve three taps of 32.
  expect(of('conv2d_subgroup', 512, 3).buffer).toBeCloseTo(36 / (3 * 32) / (4 * lanes) + 1 / 32, 12);
  expect(of('conv2d_subgroup').buffer).toBeCloseTo(of('matmul_subgroup').buffer, 12);
  expect(of('conv2d_input_grad_subgroup').buffer).toBeCloseTo(1 / (4 * lanes) + 1 / 16, 12);
  expect(of('conv2d_weight_grad_subgroup').buffer).toBeCloseTo(1 / (4 * lanes) + 1 / 32, 12);
  // 4 vec4s of X and `lanes` of dY for 48 taps × 4 columns × lanes.
  const row = of('conv2d_weight_grad_subgroup_row').buffer;
  expect(row).toBeCloseTo((16 + 4 * lanes) / (48 * 4 * lanes), 12);
  const { TAPS } = gpu.shader('conv2d_weight_grad_subgroup_scalar').constants;
  expect(of('conv2d_weight_grad_subgroup_scalar').buffer).toBeCloseTo(1 / (4 * lanes) + 1 / TAPS, 12);
});
