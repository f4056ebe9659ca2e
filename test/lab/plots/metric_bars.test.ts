import { describe, expect, it } from 'vitest';
import { metricBars } from '../../../src/lab/plots/metric_bars.ts';
import { metricHeatmap } from '../../../src/lab/plots/metric_heatmap.ts';
import { metricRadar } from '../../../src/lab/plots/metric_radar.ts';
import { expectWholeFigure, textElement, textsOf } from './read_figure.ts';

const METRICS = ['accuracy', 'precision', 'recall', 'F1', 'ROC-AUC'];

/** Ten configurations; the score of configuration i in metric k is 0.3 + 0.05 i + 0.01 k. */
const TEN = {
  models: Array.from({ length: 10 }, (_, i) => `configuration ${i + 1}`),
  metrics: METRICS,
  scores: Array.from({ length: 10 }, (_, i) => METRICS.map((_, k) => 0.3 + 0.05 * i + 0.01 * k)),
};
const FIGURES = { metricBars, metricHeatmap, metricRadar };

describe('metricBars', () => {
  it('writes every score over its bar, lying for few models and upright for many', () => {
    const three = { ...TEN, models: TEN.models.slice(0, 3), scores: TEN.scores.slice(0, 3) };
    for (const table of [three, TEN]) {
      const figure = metricBars(table);
      expectWholeFigure(figure);
      const written = table.scores.flat().map((score) => score.toFixed(3));
      expect(textsOf(figure)).toEqual(expect.arrayContaining([...written, ...table.models, ...METRICS]));
    }
    expect(textElement(metricBars(three), '0.300')).toContain('translate(');
    expect(textElement(metricBars(TEN), '0.300')).toMatch(/matrix\(0,-1,1,0,/);
  });

  it('gives each of twelve models its own colour', () => {
    const models = Array.from({ length: 12 }, (_, i) => `m${i}`);
    const figure = metricBars({ models, metrics: ['F1'], scores: models.map(() => [0.9]) });
    expectWholeFigure(figure);
    const fills = new Set([...figure.svg.matchAll(/<path [^>]*fill="(#[0-9a-fA-F]{6})"/g)].map((match) => match[1]));
    expect(fills.size).toBe(12);
  });

  it('shows 0, 1 and a missing score', () => {
    const figure = metricBars({ models: ['a'], metrics: ['x', 'y', 'z'], scores: [[0, 1, Number.NaN]] });
    expectWholeFigure(figure);
    expect(textsOf(figure)).toEqual(expect.arrayContaining(['0.000', '1.000', '–']));
  });
});

describe.each(Object.entries(FIGURES))('%s', (name, draw) => {
  it('says which argument is wrong', () => {
    expect(() => draw({ models: [], metrics: METRICS, scores: [] })).toThrow(`${name}: models is empty`);
    expect(() => draw({ models: ['a'], metrics: METRICS, scores: [[1]] })).toThrow(
      `${name}: scores[0] has 1 entries, expected 5 as metrics has.`,
    );
    expect(() => draw({ models: ['a'], metrics: ['x'], scores: [[87.3]] })).toThrow(
      `${name}: scores[0][0] is 87.3, expected a fraction from 0 to 1`,
    );
  });
});
