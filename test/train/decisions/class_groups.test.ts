import { describe, expect, it } from 'vitest';
import { groupsByConfusion, vehiclesAndAnimals } from '../../../src/train/decisions/class_groups.ts';

const CIFAR10 = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

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
