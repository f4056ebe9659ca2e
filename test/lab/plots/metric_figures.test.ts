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

describe('metricHeatmap', () => {
  it('writes every score in its cell and outlines the best of each metric, ties included', () => {
    const figure = metricHeatmap(TEN);
    expectWholeFigure(figure);
    expect(textsOf(figure)).toEqual(expect.arrayContaining(TEN.scores.flat().map((score) => score.toFixed(3))));
    const outlined = (svg: string): number =>
      [...svg.matchAll(/fill="none" stroke="#1f2328" stroke-width="2"/g)].length;
    expect(outlined(figure.svg)).toBe(5);
    const tied = {
      models: ['a', 'b', 'c'],
      metrics: ['x', 'y'],
      scores: [
        [0.5, 0.1],
        [0.5, Number.NaN],
        [0.2, 0.3],
      ],
    };
    expect(outlined(metricHeatmap(tied).svg)).toBe(3);
    expect(textsOf(metricHeatmap(tied))).toContain('–');
  });

  it('draws equal scores and a table without any', () => {
    expectWholeFigure(metricHeatmap({ models: ['a', 'b'], metrics: ['x'], scores: [[0.5], [0.5]] }));
    expectWholeFigure(metricHeatmap({ models: ['a'], metrics: ['x'], scores: [[Number.NaN]] }));
  });
});

describe('metricRadar', () => {
  it('shows the five highest means in order', () => {
    const figure = metricRadar(TEN);
    expectWholeFigure(figure);
    const legend = textsOf(figure).filter((text) => text.startsWith('configuration'));
    expect(legend).toEqual([10, 9, 8, 7, 6].map((i) => `configuration ${i} (${(0.27 + 0.05 * i).toFixed(3)})`));
    expect(textsOf(figure)).toEqual(expect.arrayContaining(METRICS));
    expect(figure.caption).toMatch(/^Centre: 0, outer ring: [01]\.\d+\./);
  });

  it('leaves out what lacks a score, and draws fewer than five and equal scores', () => {
    const scores = [
      [1, 1, 1],
      [0.5, Number.NaN, 0.5],
      [1, 1, 1],
    ];
    const figure = metricRadar({ models: ['a', 'b', 'c'], metrics: ['x', 'y', 'z'], scores });
    expectWholeFigure(figure);
    expect(textsOf(figure)).toEqual(expect.arrayContaining(['a (1.000)', 'c (1.000)']));
    expect(textsOf(figure).some((text) => text.startsWith('b'))).toBe(false);
  });

  it('needs three metrics and a complete model', () => {
    expect(() => metricRadar({ models: ['a'], metrics: ['x', 'y'], scores: [[1, 1]] })).toThrow(
      'metrics has 2 entries',
    );
    expect(() => metricRadar({ models: ['a'], metrics: ['x', 'y', 'z'], scores: [[1, 1, Number.NaN]] })).toThrow(
      'every model lacks a score',
    );
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
