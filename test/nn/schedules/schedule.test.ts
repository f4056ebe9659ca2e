import { describe, expect, it } from 'vitest';
import {
  CosineAnnealingLR,
  LinearLR,
  MultiStepLR,
  OneCycleLR,
  type Optimizer,
  Parameter,
  SGD,
  StepLR,
} from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';

const held = useGpu();

function sgd(lr = 1, momentum = 0): Optimizer {
  return new SGD([new Parameter(held.gpu, new Float32Array(1), [1])], { lr, momentum });
}

describe('a schedule', () => {
  it('refuses the state of another, and is then as it was', () => {
    const optimizer = sgd();
    const schedule = new StepLR(optimizer, { stepSize: 1 });
    const cosine = new CosineAnnealingLR(sgd(), { tMax: 3 }).stateDict();
    expect(() => schedule.loadStateDict(cosine)).toThrow('StepLR: the saved state is of CosineAnnealingLR.');
    expect(() => schedule.loadStateDict({})).toThrow('StepLR: the saved state is of no schedule.');
    const own = schedule.stateDict();
    expect(() => schedule.loadStateDict({ ...own, position: -1 })).toThrow(
      "StepLR: the saved state's position is -1, not a whole number of at least 0.",
    );
    expect(() => schedule.loadStateDict({ ...own, baseRates: 'all' })).toThrow(
      "StepLR: the saved state's base rates are not a list of numbers.",
    );
    expect(() => schedule.loadStateDict({ ...own, baseRates: [1, 2] })).toThrow(
      'StepLR: the saved state is of 2 parameter groups, the optimizer has 1.',
    );
    schedule.step();
    expect(optimizer.groups[0].lr).toBeCloseTo(0.1, 12);
  });

  it('refuses settings that make no sense', () => {
    expect(() => new StepLR(sgd(), { stepSize: 0 })).toThrow(
      'StepLR: stepSize must be a whole number of at least 1, not 0.',
    );
    expect(() => new MultiStepLR(sgd(), { milestones: [1.5] })).toThrow(
      'MultiStepLR: each of milestones must be a whole',
    );
    expect(() => new LinearLR(sgd(), { startFactor: -1 })).toThrow(
      'LinearLR: startFactor must be a number of at least 0',
    );
    expect(() => new OneCycleLR(sgd(), { maxLr: 1, totalSteps: 10 })).toThrow(
      'OneCycleLR: the optimizer keeps no momentum to cycle; give it one, or set cycleMomentum to false.',
    );
    expect(() => new OneCycleLR(sgd(1, 0.9), { maxLr: [1, 2], totalSteps: 10 })).toThrow(
      'OneCycleLR: maxLr has 2 rates, the optimizer 1 groups.',
    );
  });

  it('has no step after the end of the cycle', () => {
    const optimizer = sgd(1, 0.9);
    const schedule = new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 3 });
    for (let s = 0; s < 3; s++) schedule.step();
    const [{ lr }] = optimizer.groups;
    expect(() => schedule.step()).toThrow('OneCycleLR: the cycle has 3 steps; there is no step 4.');
    expect(optimizer.groups[0].lr).toBe(lr);
  });
});
