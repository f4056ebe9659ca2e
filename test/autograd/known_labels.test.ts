import { expect, it } from 'vitest';
import { checkKnownIndices, checkKnownLabels } from '../../src/autograd/known_labels.ts';
import { indices } from '../../src/node.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu();

it('finds the first label that is no class, but for the one that stands for none', () => {
  const { buffer } = indices(held.gpu, [1, 255, 3, 12, 255]);
  const check = (classes: number, ignored?: number) => () => checkKnownLabels('test', buffer, classes, ignored);
  expect(check(256)).not.toThrow();
  expect(check(13)).toThrow('test: the label of row 1 is 255; with 13 classes it must be 0 to 12.');
  expect(check(13, 255)).not.toThrow();
  expect(check(10, 255)).toThrow('test: the label of row 3 is 12; with 10 classes it must be 0 to 9.');
  expect(check(3, 12)).toThrow('test: the label of row 1 is 255');
});

it('finds an index that a dimension does not have', () => {
  const { buffer } = indices(held.gpu, [1, 0, 4]);
  expect(() => checkKnownIndices('test', buffer, [2, 5], 1)).not.toThrow();
  expect(() => checkKnownIndices('test', buffer, [2, 4], 1)).toThrow(
    new RangeError('test: index 2 is 4; dimension 1 of the shape [2,4] has 4, counted from 0.'),
  );
});
