import { describe, expect, it } from 'vitest';
import { Parameter, ReduceLROnPlateau, type ReduceLROnPlateauOptions, SGD } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';
import { takesPyTorchsSteps } from './golden_trajectories.ts';

takesPyTorchsSteps('ReduceLROnPlateau');

const held = useGpu();
const made = (options: ReduceLROnPlateauOptions = {}) =>
  new ReduceLROnPlateau(new SGD([new Parameter(held.gpu, new Float32Array(1), [1])], { lr: 0.1 }), options);

describe('ReduceLROnPlateau', () => {
  it('counts a NaN as no better value', () => {
    const schedule = made({ patience: 0 });
    schedule.step(1);
    schedule.step(Number.NaN);
    expect(schedule.stateDict()).toMatchObject({ best: 1, rates: [expect.closeTo(0.01, 12)] });
  });

  it('must be told a value', () => {
    expect(() => made().step()).toThrow('must be told the value');
  });

  it.each([{ factor: 1 }, { factor: -1 }, { patience: -1 }, { patience: 0.5 }, { cooldown: -1 }, { minLr: -1 }])(
    'refuses %o',
    (options) => {
      expect(() => made(options)).toThrow(RangeError);
    },
  );

  it.each([
    [{ schedule: 'StepLR' }, 'the saved state is of StepLR'],
    [{ rates: [0.1, 0.1] }, 'damaged or of other parameter groups'],
    [{ best: 'x' }, 'damaged'],
    [{ bad: -1 }, 'damaged'],
    [{ cooling: 0.5 }, 'damaged'],
  ])('refuses the state %o, nothing changed', (change, words) => {
    const schedule = made();
    schedule.step(3);
    const before = schedule.stateDict();
    expect(() => schedule.loadStateDict({ ...before, ...change })).toThrow(words);
    expect(schedule.stateDict()).toEqual(before);
  });
});
