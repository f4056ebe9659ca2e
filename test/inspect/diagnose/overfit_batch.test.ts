import { expect, it } from 'vitest';
import { diagnose } from '../../../src/inspect/diagnose/diagnose.ts';
import { overfitBatch } from '../../../src/inspect/diagnose/overfit_batch.ts';
import { Adam, CrossEntropyLoss, indices } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { NETWORKS } from './small_trainings.ts';

const held = useGpu();

it('learns a batch by heart, of noise too, and stops there', async () => {
  const { gpu } = held;
  const model = NETWORKS.mlp(gpu, 1);
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const batch = { images: randomTensor(gpu, [8, 28, 28, 1], 1), labels: indices(gpu, [0, 1, 2, 3, 4, 5, 6, 7]) };
  const result = await overfitBatch({ model, optimizer, criterion: new CrossEntropyLoss(), batch, steps: 200 });
  expect(result).toMatchObject({ fits: true, accuracy: 1 });
  expect(result.steps).toBeLessThan(100);
  expect(diagnose(result.history)).toEqual([]);
});

it('does not where the network cannot, and its history says why', async () => {
  const { gpu } = held;
  const model = NETWORKS.mlp(gpu, 1);
  for (const { buffer, size } of model.parameters()) gpu.write(buffer, new Float32Array(size));
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const batch = { images: randomTensor(gpu, [8, 28, 28, 1], 1), labels: indices(gpu, [0, 1, 2, 3, 4, 5, 6, 7]) };
  const result = await overfitBatch({ model, optimizer, criterion: new CrossEntropyLoss(), batch, steps: 30 });
  expect(result).toMatchObject({ fits: false, steps: 30 });
  expect(diagnose(result.history)[0].cause).toBe('zero-initialisation');
});
