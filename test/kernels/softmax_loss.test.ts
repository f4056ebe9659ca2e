import { expect, it } from 'vitest';
import { SOFTMAX_LOSS } from '../../src/inspect/conformance/cases/losses.ts';
import { oneHot, uploadClassTerms } from '../../src/kernels/softmax_loss.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(SOFTMAX_LOSS, held);

it('refuses terms of another number of classes', () => {
  expect(() => uploadClassTerms(held.gpu, 3, { margin: [1, 2] })).toThrow('margin holds 2 numbers for 3 classes');
});

it('oneHot has a 1 at each label, and NaN in the row of one that is no class', async () => {
  const { gpu } = held;
  const labels = gpu.upload(Uint32Array.of(2, 0, 3, 1, 2 ** 32 - 1), 'labels');
  const nan = [Number.NaN, Number.NaN, Number.NaN];
  expect([...(await oneHot(labels, { rows: 5, classes: 3 }).read())]).toEqual([
    ...[0, 0, 1, 1, 0, 0],
    ...[...nan, 0, 1, 0, ...nan],
  ]);
});
