import { describe, expect, it } from 'vitest';
import { MEANING, rejectionCurve } from '../../../src/lab/plots/index.ts';
import { expectWholeFigure, textsOf } from './read_figure.ts';

describe('rejectionCurve', () => {
  const points = Array.from({ length: 1000 }, (_, i) => ({ coverage: (i + 1) / 1000, accuracy: 1 - i / 2000 }));

  it('draws accuracy over coverage and marks the threshold', () => {
    const figure = rejectionCurve({ points, chosen: { threshold: 0.625, coverage: 0.8, accuracy: 0.6 } });
    expectWholeFigure(figure);
    expect(textsOf(figure)).toEqual(expect.arrayContaining(['share of images decided', 'threshold 0.63']));
    expect(figure.svg).toContain(MEANING.wrong);
    expect(rejectionCurve({ points }).svg).not.toContain(MEANING.wrong);
  });

  it('draws a single point, and refuses percentages', () => {
    expectWholeFigure(rejectionCurve({ points: [{ coverage: 1, accuracy: 0.5 }] }));
    expect(() => rejectionCurve({ points: [{ coverage: 100, accuracy: 0.5 }] })).toThrow(
      'rejectionCurve: points.coverage[0] is 100, expected a fraction from 0 to 1.',
    );
  });
});
