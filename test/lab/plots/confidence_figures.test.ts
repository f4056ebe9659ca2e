import { describe, expect, it } from 'vitest';
import { boxPlot, boxStatistics } from '../../../src/lab/plots/box_plot.ts';
import { calibrationCurve } from '../../../src/lab/plots/calibration_curve.ts';
import { confidenceHistogram, countInBins } from '../../../src/lab/plots/confidence_histogram.ts';
import { expectWholeFigure, textsOf } from './read_figure.ts';

const SPREAD = Array.from({ length: 400 }, (_, i) => ((i * 37) % 400) / 400);

describe('confidenceHistogram', () => {
  it('counts right and wrong predictions with their means', () => {
    const figure = confidenceHistogram({ correct: SPREAD.map(Math.sqrt), wrong: SPREAD });
    expectWholeFigure(figure);
    expect(textsOf(figure)).toContain('Wrong: 400 predictions, mean confidence 0.499');
    const bars = [...figure.svg.matchAll(/fill="#D55E00"/g)];
    expect(bars).toHaveLength(50);
  });

  it('draws a side without predictions', () => {
    const figure = confidenceHistogram({ correct: Float32Array.of(1, 1), wrong: [] });
    expectWholeFigure(figure);
    expect(textsOf(figure)).toEqual(expect.arrayContaining(['Wrong: 0 predictions', 'none']));
  });

  it('says which argument is wrong', () => {
    expect(() => confidenceHistogram({ correct: [0.5, 1.2], wrong: [] })).toThrow(
      'confidenceHistogram: correct[1] is 1.2, expected a confidence from 0 to 1.',
    );
    expect(() => confidenceHistogram({ correct: [], wrong: [Number.NaN] })).toThrow('wrong[0] is NaN');
  });
});

describe('countInBins', () => {
  it('puts borders into the upper bin and 1 into the last', () => {
    expect(countInBins([0, 0.1, 0.5, 0.99, 1], 2)).toEqual([2, 3]);
    expect(countInBins([], 3)).toEqual([0, 0, 0]);
  });
});

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

describe('calibrationCurve', () => {
  const bin = (count: number, confidence: number, accuracy: number) => ({ count, confidence, accuracy });

  it('draws the filled bins, all counts and the expected calibration error', () => {
    const bins = [bin(0, Number.NaN, Number.NaN), bin(25, 0.4, 0.5), bin(75, 0.9, 0.7)];
    const figure = calibrationCurve({ bins });
    expectWholeFigure(figure);
    // 25/100 · 0.1 + 75/100 · 0.2
    expect(textsOf(figure)).toEqual(expect.arrayContaining(['expected calibration error 0.175', '0', '25', '75']));
    expect([...figure.svg.matchAll(/transform="matrix\(4,0,0,4,/g)]).toHaveLength(2);
  });

  it('draws ten full bins and none at all', () => {
    const ten = Array.from({ length: 10 }, (_, i) => bin(1000 * (i + 1), (i + 0.5) / 10, (i + 0.2) / 10));
    expectWholeFigure(calibrationCurve({ bins: ten }));
    expectWholeFigure(calibrationCurve({ bins: [bin(0, Number.NaN, Number.NaN)] }));
  });

  it('says which argument is wrong', () => {
    expect(() => calibrationCurve({ bins: [] })).toThrow('calibrationCurve: bins is empty');
    expect(() => calibrationCurve({ bins: [bin(3, 50, 0.5)] })).toThrow('bins.confidence[0] is 50');
    expect(() => calibrationCurve({ bins: [bin(0.5, 0.5, 0.5)] })).toThrow('bins.count[0] is 0.5');
  });
});
