import { describe, expect, it } from 'vitest';
import { isBetter, isOutOfPatience, watchedValue } from '../../src/train/best_epoch.ts';

const record = { loss: 0.5, accuracy: 0.9, balancedAccuracy: 0.6, macroF1: 0.55 };

describe('watchedValue', () => {
  it('is that of the metric asked for, balanced accuracy by default', () => {
    expect(watchedValue(record)).toBe(0.6);
    expect(watchedValue(record, 'balanced-accuracy')).toBe(0.6);
    expect(watchedValue(record, 'macro-f1')).toBe(0.55);
    expect(watchedValue(record, 'accuracy')).toBe(0.9);
    expect(watchedValue(record, 'loss')).toBe(0.5);
  });
});

describe('isBetter', () => {
  it('wants a smaller loss and a larger score, and of equal ones keeps the first', () => {
    const best = { epoch: 1, value: 0.5 };
    expect(isBetter(0.4, undefined)).toBe(true);
    expect([0.4, 0.5, 0.6].map((value) => isBetter(value, best, 'loss'))).toEqual([true, false, false]);
    expect([0.4, 0.5, 0.6].map((value) => isBetter(value, best, 'macro-f1'))).toEqual([false, false, true]);
  });
});

describe('isOutOfPatience', () => {
  const history = (epochs: number) =>
    Array.from({ length: epochs }, (_, i) => ({ epoch: i + 1, loss: 1, accuracy: 0 }));
  it('counts the epochs since the best', () => {
    const best = { epoch: 2, value: 0.5 };
    expect([3, 4, 5].map((epochs) => isOutOfPatience(history(epochs), best, { patience: 3 }))).toEqual([
      false,
      false,
      true,
    ]);
    expect(isOutOfPatience(history(9), best, {})).toBe(false);
    expect(isOutOfPatience(history(9), undefined, { patience: 3 })).toBe(false);
  });
});
