import { expect, it } from 'vitest';
import { axesOf, axisOf } from '../../src/autograd/axes.ts';

it('counts negative axes from the end, and says which are not there', () => {
  expect([0, 2, -1, -3].map((axis) => axisOf('test', [2, 3, 4], axis))).toEqual([0, 2, 2, 0]);
  for (const axis of [3, -4, 0.5]) {
    expect(() => axisOf('test', [2, 3, 4], axis)).toThrow(`test: there is no dimension ${axis} in the shape [2,3,4].`);
  }
});

it('marks the axes that are named', () => {
  expect(axesOf('test', [2, 3, 4], undefined)).toEqual([true, true, true]);
  expect(axesOf('test', [2, 3, 4], 1)).toEqual([false, true, false]);
  expect(axesOf('test', [2, 3, 4], [-1, 0])).toEqual([true, false, true]);
  expect(() => axesOf('test', [2, 3], [0, -2])).toThrow('test: dimension 0 of the shape [2,3] is given twice.');
  expect(() => axesOf('test', [2, 3], [])).toThrow(
    'test: no dimensions are given; leave them out to take all of them.',
  );
});
