import { describe, expect, it } from 'vitest';
import {
  createOptimizer,
  createSchedule,
  type Optimizer,
  Parameter,
  SCHEDULE_NAMES,
  type ScheduleName,
  SGD,
} from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';

const held = useGpu();

function sgd(lr = 1, momentum = 0): Optimizer {
  return new SGD([new Parameter(held.gpu, new Float32Array(1), [1])], { lr, momentum });
}

describe('createSchedule', () => {
  const length = { epochs: 12, stepsPerEpoch: 10 };

  /** The rates that each of the epochs or steps is trained with. */
  function rates(name: ScheduleName): { per: string | undefined; rates: number[] } {
    const optimizer = sgd();
    const schedule = createSchedule(name, optimizer, length);
    const count = schedule?.per === 'step' ? length.epochs * length.stepsPerEpoch : length.epochs;
    const seen = Array.from({ length: count }, () => {
      const [{ lr }] = optimizer.groups;
      schedule?.step();
      return lr;
    });
    return { per: schedule?.per, rates: seen };
  }

  it('lays each schedule out over the whole training', () => {
    expect(rates('constant')).toEqual({ per: undefined, rates: new Array(12).fill(1) });
    const step = rates('step');
    expect(step.per).toBe('epoch');
    expect(step.rates.map((rate) => Math.round(Math.log10(1 / rate)))).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    expect(rates('multi-step').rates.map((rate) => Math.round(Math.log10(1 / rate)))).toEqual([
      ...[0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2],
    ]);
    const cosine = rates('cosine').rates;
    expect([cosine[0], cosine[6]]).toEqual([1, expect.closeTo(0.5, 12)]);
    expect(cosine[11]).toBeGreaterThan(0);
    expect(cosine[11]).toBeLessThan(0.02);
    const restarts = rates('warm-restarts');
    expect(restarts.per).toBe('step');
    expect(restarts.rates.flatMap((rate, step) => (rate === 1 ? [step] : []))).toEqual([0, 40]);
    // PyTorch's formula at epoch + i / 10, in cycles of four and eight epochs.
    restarts.rates.forEach((rate, step) => {
      const epoch = step / 10;
      const [since, cycle] = epoch < 4 ? [epoch, 4] : [epoch - 4, 8];
      expect(rate).toBeCloseTo((1 + Math.cos((Math.PI * since) / cycle)) / 2, 12);
    });
    const warmUp = rates('warm-up');
    expect(warmUp.per).toBe('step');
    expect(warmUp.rates.slice(0, 13).map((rate) => Number(rate.toFixed(6)))).toEqual([
      ...Array.from({ length: 12 }, (_, i) => Number((0.01 + (0.99 * i) / 12).toFixed(6))),
      1,
    ]);
    const cycle = rates('one-cycle');
    expect(cycle.per).toBe('step');
    expect([cycle.rates[0], cycle.rates[35], cycle.rates[119]]).toEqual([
      expect.closeTo(0.04, 12),
      1,
      expect.closeTo(4e-6, 12),
    ]);
  });

  it.each(SCHEDULE_NAMES)('%s can be laid over a training of one epoch of one step with any optimizer', (name) => {
    for (const kind of ['sgd', 'adam', 'adamw', 'rmsprop'] as const) {
      const optimizer = createOptimizer(kind, [new Parameter(held.gpu, new Float32Array(1), [1])]);
      const schedule = createSchedule(name, optimizer, { epochs: 1, stepsPerEpoch: 1 });
      expect(optimizer.groups[0].lr).toBeGreaterThan(0);
      schedule?.step(1);
      expect(optimizer.groups[0].lr).toBeGreaterThanOrEqual(0);
    }
  });

  it('refuses a name that there is not', () => {
    expect(() => createSchedule('noam' as ScheduleName, sgd(), length)).toThrow(
      "There is no schedule 'noam'; there are: constant, step, multi-step, cosine, warm-restarts, warm-up, one-cycle, reduce-on-plateau, deferred.",
    );
  });
});
