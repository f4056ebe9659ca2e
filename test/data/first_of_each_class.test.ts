import { expect, it } from 'vitest';
import { firstOfEachClass } from '../../src/data/first_of_each_class.ts';

it('takes the first images of each class in the order of the split', () => {
  const labels = Uint8Array.of(2, 0, 2, 1, 2, 0, 0);
  expect([...firstOfEachClass(labels, 2)]).toEqual([0, 1, 2, 3, 5]);
  expect([...firstOfEachClass(labels, 1)]).toEqual([0, 1, 3]);
});

it('takes all where no number is given, or it is more than there are', () => {
  const labels = Uint8Array.of(1, 0, 1);
  expect([...firstOfEachClass(labels, null)]).toEqual([0, 1, 2]);
  expect([...firstOfEachClass(labels, 9)]).toEqual([0, 1, 2]);
});
