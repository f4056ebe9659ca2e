import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  Adam,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  type Gpu,
  LinearLR,
  MultiStepLR,
  OneCycleLR,
  type Optimizer,
  Parameter,
  ReduceLROnPlateau,
  type Schedule,
  SGD,
  StepLR,
} from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';

interface Golden {
  /** Of the two groups, before the schedule. */
  rates: number[];
  /** Told to a schedule that watches a loss, one after each step. */
  values: number[];
  cases: {
    schedule: keyof typeof SCHEDULES;
    options: Record<string, unknown>;
    optimizer: 'SGD' | 'Adam';
    /** Of each step, of each group. */
    rates: number[][];
    momenta: number[][];
  }[];
}

const SCHEDULES = {
  StepLR,
  MultiStepLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  LinearLR,
  OneCycleLR,
  ReduceLROnPlateau,
};

const golden: Golden = JSON.parse(readFileSync(new URL('../../fixtures/nn/schedules.json', import.meta.url), 'utf8'));

/*
 * Doubles round by 1.1e-16. PyTorch multiplies the rate on from step to step where this engine has a closed form: thirty factors of a few
 * operations each, and sums with etaMin, stay below 1e-13 of the largest rate.
 */
const TOLERANCE = 1e-13;

/** PyTorch's names in TypeScript's case: step_size, T_0, T_max. */
function ours(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replace(/^T/, 't').replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

function makeOptimizer(gpu: Gpu, kind: 'SGD' | 'Adam'): Optimizer {
  const groups = golden.rates.map((lr) => ({ parameters: [new Parameter(gpu, new Float32Array(1), [1])], lr }));
  return kind === 'SGD' ? new SGD(groups, { lr: 1, momentum: 0.9 }) : new Adam(groups);
}

function make(optimizer: Optimizer, name: keyof typeof SCHEDULES, options: Record<string, unknown>): Schedule {
  const Class = SCHEDULES[name] as new (optimizer: Optimizer, options: object) => Schedule;
  return new Class(optimizer, ours(options));
}

function settings(optimizer: Optimizer): { rates: number[]; momenta: number[] } {
  const groups = optimizer.groups as readonly { lr: number; momentum?: number; betas?: [number, number] }[];
  return {
    rates: groups.map(({ lr }) => lr),
    momenta: groups.map(({ momentum, betas }) => momentum ?? betas?.[0] ?? Number.NaN),
  };
}

function expectNear(actual: readonly number[], expected: readonly number[], what: string): void {
  for (const [g, value] of expected.entries()) {
    expect(Math.abs(actual[g] - value), `${what}, group ${g}: ${actual[g]} for ${value}`).toBeLessThanOrEqual(
      TOLERANCE,
    );
  }
}

/** Tests a schedule's steps against PyTorch's. Call at the top of its test file. */
export function takesPyTorchsSteps(schedule: keyof typeof SCHEDULES): void {
  const held = useGpu();
  const cases = golden.cases.filter((one) => one.schedule === schedule);
  it.each(cases)(
    'takes thirty steps as PyTorch does: $options on $optimizer',
    ({ schedule: name, options, optimizer: kind, ...wanted }) => {
      const optimizer = makeOptimizer(held.gpu, kind);
      const schedule = make(optimizer, name, options);
      for (const [s, rates] of wanted.rates.entries()) {
        if (s > 0) schedule.step(golden.values[s - 1]);
        const now = settings(optimizer);
        expectNear(now.rates, rates, `rate after ${s} steps`);
        expectNear(now.momenta, wanted.momenta[s], `momentum after ${s} steps`);
      }
    },
  );

  it.each(cases)('$options on $optimizer, taken up again after eleven', (golden_case) => {
    const { schedule: name, options, optimizer: kind, ...wanted } = golden_case;
    const first = make(makeOptimizer(held.gpu, kind), name, options);
    for (let s = 0; s < 11; s++) first.step(golden.values[s]);
    const saved = JSON.parse(JSON.stringify(first.stateDict()));

    const optimizer = makeOptimizer(held.gpu, kind);
    // The base is the saved one.
    for (const group of optimizer.groups) group.lr = 7;
    const resumed = make(optimizer, name, options);
    resumed.loadStateDict(saved);
    for (const [s, rates] of wanted.rates.entries()) {
      if (s < 11) continue;
      if (s > 11) resumed.step(golden.values[s - 1]);
      const now = settings(optimizer);
      expectNear(now.rates, rates, `rate after ${s} steps`);
      expectNear(now.momenta, wanted.momenta[s], `momentum after ${s} steps`);
    }
  });
}
