import { describe, expect, it } from 'vitest';
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
