import { expect, it } from 'vitest';
import { createSchedule } from '../../src/nn/schedules/index.ts';
import { downloadTensors } from '../../src/nn/weights/host_tensor.ts';
import { StepLog } from '../../src/train/step_log.ts';
import type { TrainingTask } from '../../src/train/training_task.ts';
import { useGpu } from '../gpu.ts';
import { tinyTraining } from './tiny_training.ts';

const held = useGpu({ fences: false });

/** Does a step by hand. */
function step({ gpu, model, optimizer, criterion, source, augmentation, schedule }: TrainingTask, first: number) {
  const indices = Uint32Array.from({ length: 8 }, (_, i) => first + i);
  gpu.scope(() => {
    const batch = source.augmented(indices, augmentation);
    optimizer.zeroGrad();
    criterion.call(model.call(batch.images), batch.labels).backward();
    optimizer.step();
  });
  schedule?.step();
  return indices;
}

async function stateOf({ gpu, model, optimizer, schedule }: TrainingTask) {
  const { tensors, scalars } = optimizer.stateDict();
  const all = await downloadTensors(new Map([...model.stateDict(), ...tensors]));
  return [
    [...all].map(([name, { data }]) => [name, [...data]]),
    structuredClone([scalars, schedule?.stateDict(), gpu.generator]),
  ];
}

it.each([
  ['from the first step on, before which the optimizer keeps nothing', 0],
  ['from a later step on', 2],
])('goes back %s, to the same bits', async (_when, before) => {
  const { gpu } = held;
  const plain = tinyTraining(gpu);
  const task = { ...plain, schedule: createSchedule('one-cycle', plain.optimizer, { epochs: 1, stepsPerEpoch: 9 }) };
  task.model.train();
  for (let i = 0; i < before; i++) step(task, i);
  const start = await stateOf(task);
  const log = new StepLog(task);
  for (let i = 0; i < 3; i++) {
    const indices = Uint32Array.from({ length: 8 }, (_, at) => 5 * i + at);
    log.add({ epoch: 0, step: before + i, indices });
    step(task, 5 * i);
  }
  const end = await stateOf(task);
  expect(end).not.toEqual(start);
  log.restore();
  const [, scalars] = await stateOf(task);
  expect(scalars).toEqual(start[1]);
  for (const { indices } of log.steps) step(task, indices[0]);
  expect(await stateOf(task)).toEqual(end);
  const { liveBytes } = gpu.memory;
  log.release();
  expect(gpu.memory.liveBytes).toBeLessThan(liveBytes);
});

it('begins anew where all was well and the log is old, and not before', async () => {
  const task = tinyTraining(held.gpu);
  const log = new StepLog(task);
  const add = (at: number) => log.add({ epoch: 0, step: at, indices: new Uint32Array(0) });
  add(0);
  log.wasWell();
  add(1);
  expect(log.steps.map((one) => one.step)).toEqual([0, 1]);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  add(2);
  log.wasWell();
  add(3);
  expect(log.steps.map((one) => one.step)).toEqual([3]);
  log.release();
});
