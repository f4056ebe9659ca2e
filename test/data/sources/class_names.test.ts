import { expect, it } from 'vitest';
import { DATASET_NAMES } from '../../../src/data/image_dataset.ts';
import { classNamesOf } from '../../../src/data/sources/class_names.ts';
import { loadDataset } from '../../../src/data/sources/load_dataset.ts';

it('knows the classes of each data set without its files, and of no other', async () => {
  expect(classNamesOf('mnist')).toEqual((await loadDataset('mnist')).classNames);
  const counts = DATASET_NAMES.map((name) => new Set(classNamesOf(name)).size);
  expect(counts).toEqual([10, 100, 20, 10, 10]);
  expect(classNamesOf('cifar100-coarse')?.[0]).toBe('aquatic_mammals');
  expect(classNamesOf('toString')).toBeUndefined();
});
