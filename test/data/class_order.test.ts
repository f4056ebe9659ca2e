import { describe, expect, it } from 'vitest';
import { withClasses } from '../../src/data/class_order.ts';
import { tinyDataset } from '../train/tiny_training.ts';

describe('withClasses', () => {
  it('tells labels by the names that a network knows, in their order', () => {
    const dataset = tinyDataset(8, 4);
    const names = ['bottom right', 'elsewhere', 'top left', 'top right', 'bottom left'];
    const told = withClasses({ ...dataset, validation: dataset.test }, names);
    expect(told.classNames).toEqual(names);
    expect([...told.train.labels]).toEqual([2, 3, 4, 0, 2, 3, 4, 0]);
    expect([...told.validation!.labels]).toEqual([2, 3, 4, 0]);
    expect([...told.test.labels]).toEqual([2, 3, 4, 0]);
    expect(told.train.images).toBe(dataset.train.images);
  });

  it('refuses a class that it does not know', () => {
    expect(() => withClasses(tinyDataset(), ['top left', 'top right', 'bottom left'])).toThrow(
      'has the class bottom right, which the network does not know; it knows top left, top right, bottom left.',
    );
  });
});
