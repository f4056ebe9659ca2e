import { describe, expect, it } from 'vitest';
import { twoStageProbabilities } from '../../../src/train/decisions/two_stage.ts';

describe('twoStageProbabilities', () => {
  const groups = {
    names: ['even', 'odd'],
    members: [
      [0, 2],
      [1, 3],
    ],
  };

  it("is the group's probability times the expert's share within it", () => {
    const first = Float32Array.of(0.5, 0.125, 0.25, 0.125);
    const even = Float32Array.of(0.125, 0.5, 0.375, 0);
    const odd = Float32Array.of(0.75, 0.1875, 0, 0.0625);
    const probabilities = twoStageProbabilities({ first, experts: [even, odd], groups });
    // Even 0.75, of it a quarter and three; odd 0.25, of it three quarters and one.
    expect([...probabilities]).toEqual([0.1875, 0.1875, 0.5625, 0.0625]);
  });

  it('shares alike where an expert gives its classes nothing', () => {
    const first = Float32Array.of(0.5, 0, 0.5, 0);
    const other = Float32Array.of(0, 1, 0, 0);
    expect([...twoStageProbabilities({ first, experts: [other, other], groups })]).toEqual([0.5, 0, 0.5, 0]);
  });

  it('needs an expert for each group, and rows of the same length', () => {
    const row = new Float32Array(4);
    expect(() => twoStageProbabilities({ first: row, experts: [row], groups })).toThrow('1 experts for 2 groups');
    expect(() => twoStageProbabilities({ first: row, experts: [row, new Float32Array(8)], groups })).toThrow(
      '4 and 8 probabilities',
    );
  });
});
