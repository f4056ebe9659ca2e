import { expect, it } from 'vitest';
import { TSNE, tsneExample } from '../../src/inspect/conformance/cases/embedding.ts';
import { TsnePoints } from '../../src/kernels/tsne.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(TSNE, held);

it.each([
  [1, 16],
  [64, 16],
  [131, 7],
  [700, 1],
])('%i points come in %i slices on a software adapter', (points, slices) => {
  const { gpu } = held;
  const { affinities, start } = tsneExample(points, 1, 1);
  const device = new TsnePoints(gpu, points, affinities, start);
  // On a device of another size the same sums come in other slices.
  if (gpu.adapter.software) expect(device.slices).toBe(slices);
  device.release();
});
