import { expect, it } from 'vitest';
import { OPTIMIZER } from '../../src/inspect/conformance/cases/updates.ts';
import { adamStep, rmspropStep, sgdStep } from '../../src/kernels/optimizer.ts';
import { randomValues, useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(OPTIMIZER, held);

it.each([
  ['SGD', 0, 1],
  ['SGD with momentum', 0.9, 0],
  ['Adam', undefined, 0],
] as const)('%s allocates nothing', async (_, momentum, standIns) => {
  const { gpu } = held;
  const slots = [1, 7, 1027].map((length) => ({
    parameter: gpu.upload(randomValues(length, length), 'parameter'),
    grad: gpu.upload(randomValues(length, 9), 'grad'),
    first: gpu.alloc(length, 'f32', 'kept'),
    second: gpu.alloc(length, 'f32', 'kept'),
  }));
  const before = { buffers: gpu.counters.buffers, live: gpu.memory.liveBytes };
  for (let stepsDone = 0; stepsDone < 3; stepsDone++) {
    if (momentum === undefined) {
      const rates = { lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, decoupled: false };
      const own = slots.map(({ first, second, ...slot }) => ({ ...slot, moment1: first, moment2: second }));
      adamStep(own, { ...rates, stepsDone });
    } else {
      const own = slots.map(({ first, second: _, ...slot }) => ({
        ...slot,
        velocity: momentum > 0 ? first : undefined,
      }));
      sgdStep(own, { lr: 0.1, momentum, weightDecay: 0, nesterov: false, stepsDone });
    }
  }
  await gpu.finish();
  // Without momentum one small array stands for the velocity.
  expect(gpu.counters.buffers - before.buffers).toBeLessThanOrEqual(standIns);
  expect(gpu.memory.liveBytes - before.live).toBe(0);
});

it('RMSprop stays finite where a gradient that never changes leaves no variance', async () => {
  const { gpu } = held;
  const slot = {
    parameter: gpu.upload(Float32Array.of(1, 1, 1, 1), 'parameter'),
    grad: gpu.upload(Float32Array.of(0.1, -0.3, 0.7, 0), 'grad'),
    squareAverage: gpu.alloc(4, 'f32', 'kept'),
    gradAverage: gpu.alloc(4, 'f32', 'kept'),
  };
  const step = { lr: 1e-3, alpha: 0.5, eps: 1e-3, weightDecay: 0, momentum: 0, centred: true };
  for (let stepsDone = 0; stepsDone < 60; stepsDone++) rmspropStep([slot], { ...step, stepsDone });
  expect((await slot.parameter.read()).every(Number.isFinite)).toBe(true);
});
