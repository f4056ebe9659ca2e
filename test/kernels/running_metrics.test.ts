import { expect, it } from 'vitest';
import { RUNNING_METRICS } from '../../src/inspect/conformance/cases/updates.ts';
import { RunningMetrics } from '../../src/kernels/running_metrics.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(RUNNING_METRICS, held);

it('counts the first of equal logits', async () => {
  const { gpu } = held;
  const metrics = new RunningMetrics(gpu);
  gpu.scope(() =>
    metrics.add(
      gpu.upload(Float32Array.of(0), 'loss'),
      gpu.upload(Float32Array.of(1, 1, 0, 1), 'logits'),
      gpu.upload(Uint32Array.of(0, 1), 'labels'),
    ),
  );
  expect((await metrics.read()).correct).toBe(2);
  gpu.scope(() =>
    metrics.add(
      gpu.upload(Float32Array.of(0), 'loss'),
      gpu.upload(Float32Array.of(3, 3), 'logits'),
      gpu.upload(Uint32Array.of(1), 'labels'),
    ),
  );
  expect((await metrics.read()).correct).toBe(2);
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'notes the first batch whose loss is %f, since it was set',
  async (bad) => {
    const { gpu } = held;
    const metrics = new RunningMetrics(gpu);
    const logits = gpu.upload(Float32Array.of(1, 0), 'logits');
    const labels = gpu.upload(Uint32Array.of(0), 'labels');
    const losses = async (...all: number[]) => {
      metrics.set({ loss: 0, correct: 0, count: 0 });
      for (const loss of all) metrics.add(gpu.upload(Float32Array.of(loss), 'loss'), logits, labels);
      return (await metrics.read()).firstBad;
    };
    expect(await losses(1, 2, bad, 3, bad)).toBe(2);
    expect(await losses(bad)).toBe(0);
    expect(await losses(1, -2, 3e38)).toBeUndefined();
  },
);

it('counts no row with a NaN as right', async () => {
  const { gpu } = held;
  const metrics = new RunningMetrics(gpu);
  const rows = [Number.NaN, 1, 2, 3, Number.NaN, 1, 3, 1, Number.NaN, 1, 2, 3];
  gpu.scope(() =>
    metrics.add(
      gpu.upload(Float32Array.of(0), 'loss'),
      gpu.upload(Float32Array.from(rows), 'logits'),
      gpu.upload(Uint32Array.of(2, 0, 0, 2), 'labels'),
    ),
  );
  expect((await metrics.read()).correct).toBe(1);
});

it('counts no row as right whose first logit is NaN, whatever the rows before it hold', async () => {
  const { gpu } = held;
  const metrics = new RunningMetrics(gpu);
  const { NaN: nan } = Number;
  gpu.scope(() =>
    metrics.add(
      gpu.upload(Float32Array.of(0), 'loss'),
      gpu.upload(Float32Array.of(1, 0, 0, nan, 1, 0, 1, 0, 0, nan, 0, 0), 'logits'),
      gpu.upload(Uint32Array.of(0, 0, 0, 0), 'labels'),
    ),
  );
  expect((await metrics.read()).correct).toBe(2);
});
