import { describe, expect, it } from 'vitest';
import { meanProbabilities } from '../../../src/train/decisions/mean_probabilities.ts';

describe('meanProbabilities', () => {
  it('takes the mean of each probability', () => {
    const mean = meanProbabilities([Float32Array.of(1, 0), Float32Array.of(0.5, 0.5), Float32Array.of(0, 1)]);
    expect([...mean]).toEqual([0.5, 0.5]);
  });

  it('refuses none, and others of another length', () => {
    expect(() => meanProbabilities([])).toThrow('there are no predictions');
    expect(() => meanProbabilities([new Float32Array(2), new Float32Array(4)])).toThrow('2 and 4 probabilities');
  });
});
