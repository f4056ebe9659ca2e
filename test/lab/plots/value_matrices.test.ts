import { describe, expect, it } from 'vitest';
import { valueMatrices } from '../../../src/lab/plots/index.ts';
import { expectWholeFigure, textsOf } from './read_figure.ts';

describe('valueMatrices', () => {
  it('writes every value, rows and columns by number or by name', () => {
    const figure = valueMatrices({
      matrices: [
        { title: 'bytes', values: [[7, 8, 9]], columnName: 'column' },
        { values: [[0.25], [Number.NaN]], rows: ['head', 'tail'], columns: ['recall'], format: (v) => v.toFixed(1) },
      ],
    });
    expectWholeFigure(figure);
    const texts = textsOf(figure);
    expect(texts).toEqual(expect.arrayContaining(['bytes', '7', '8', '9', '0', '1', '2', 'column']));
    expect(texts).toEqual(expect.arrayContaining(['head', 'tail', 'recall', '0.3', '–']));
  });

  it('says which argument is wrong', () => {
    expect(() => valueMatrices({ matrices: [] })).toThrow('valueMatrices: matrices is empty');
    expect(() => valueMatrices({ matrices: [{ values: [[1, 2], [3]] }] })).toThrow(
      'valueMatrices: matrices[0].values[1] has 1 entries, expected 2 as values[0] has.',
    );
    expect(() => valueMatrices({ matrices: [{ values: [[1]], rows: [] }] })).toThrow(
      'valueMatrices: matrices[0].rows has 0 entries, expected 1 as values has.',
    );
  });
});
