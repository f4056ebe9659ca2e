import { describe, expect, it } from 'vitest';
import { groupsByConfusion, vehiclesAndAnimals } from '../../../src/train/decisions/class_groups.ts';
import { meanProbabilities } from '../../../src/train/decisions/mean_probabilities.ts';
import { twoStageProbabilities } from '../../../src/train/decisions/two_stage.ts';

const CIFAR10 = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

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

describe('class groups', () => {
  it("are vehicles and animals for CIFAR-10's classes alone", () => {
    expect(vehiclesAndAnimals(CIFAR10)).toEqual({
      names: ['vehicles', 'animals'],
      members: [
        [0, 1, 8, 9],
        [2, 3, 4, 5, 6, 7],
      ],
    });
    expect(vehiclesAndAnimals(['0', '1', '2'])).toBeUndefined();
    expect(vehiclesAndAnimals(['cat', 'dog'])).toBeUndefined();
  });

  it('come from what is confused, whatever the sizes of the classes', () => {
    // 0 with 2 and 1 with 3; class 3 has few samples.
    const confusion = [
      [80, 1, 19, 0],
      [2, 70, 0, 28],
      [30, 0, 70, 0],
      [0, 2, 0, 8],
    ];
    expect(groupsByConfusion(confusion, ['a', 'b', 'c', 'd'])).toEqual({
      names: ['a, c', 'b, d'],
      members: [
        [0, 2],
        [1, 3],
      ],
    });
    expect(() => groupsByConfusion([[5]], ['a'])).toThrow('1 classes make no two groups');
  });
});

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
