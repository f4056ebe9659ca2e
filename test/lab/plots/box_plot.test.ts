import { describe, expect, it } from 'vitest';
import { boxPlot, boxStatistics } from '../../../src/lab/plots/box_plot.ts';
import { expectWholeFigure, textsOf } from './read_figure.ts';

const SPREAD = Array.from({ length: 400 }, (_, i) => ((i * 37) % 400) / 400);

describe('boxStatistics', () => {
  it('interpolates quartiles and takes whiskers after Tukey', () => {
    // numpy.percentile([1, 2, 3, 4, 100], [25, 50, 75]) gives 2, 3, 4; the fences lie at −1 and 7.
    expect(boxStatistics([100, 3, 1, 4, 2])).toEqual({
      count: 5,
      q1: 2,
      median: 3,
      q3: 4,
      low: 1,
      high: 4,
      outliers: [100],
    });
    expect(boxStatistics([1, 2, 3, 4])).toMatchObject({ q1: 1.75, median: 2.5, q3: 3.25, low: 1, high: 4 });
    expect(boxStatistics([])).toMatchObject({ count: 0, median: Number.NaN, outliers: [] });
  });
});

describe('boxPlot', () => {
  it('draws boxes with their medians and counts', () => {
    const groups = [
      { name: 'right', values: SPREAD.map((v) => 1 - v ** 4) },
      { name: 'wrong', values: SPREAD },
    ];
    const figure = boxPlot({ groups, valueName: 'confidence' });
    expectWholeFigure(figure);
    // The median of 0, 1/400 … 399/400 is 199.5/400.
    expect(textsOf(figure)).toEqual(
      expect.arrayContaining(['right (n = 400)', 'wrong (n = 400)', 'confidence', '0.499']),
    );
  });

  it('draws one value, equal values, no values and a far outlier', () => {
    const values = [[3], [2, 2, 2], [], [1, 2, 3, 4, 100]];
    const groups = values.map((some, i) => ({ name: `a group with quite a long name ${i}`, values: some }));
    const figure = boxPlot({ groups, valueName: 'loss' });
    expectWholeFigure(figure);
    expect(textsOf(figure)).toContain('no values');
    expect(textsOf(figure).filter((text) => /… \(n = \d\)$/.test(text))).toHaveLength(4);
  });

  it('says which argument is wrong', () => {
    expect(() => boxPlot({ groups: [], valueName: 'x' })).toThrow('boxPlot: groups is empty');
    expect(() => boxPlot({ groups: [{ name: 'a', values: [Number.NaN] }], valueName: 'x' })).toThrow(
      'boxPlot: groups[0].values[0] is NaN, expected a finite number',
    );
  });
});
