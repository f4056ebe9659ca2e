import { describe, expect, it } from 'vitest';
import { metricHeatmap } from '../../../src/lab/plots/metric_heatmap.ts';
import { expectWholeFigure, textsOf } from './read_figure.ts';

const METRICS = ['accuracy', 'precision', 'recall', 'F1', 'ROC-AUC'];

/** Ten configurations; the score of configuration i in metric k is 0.3 + 0.05 i + 0.01 k. */
const TEN = {
  models: Array.from({ length: 10 }, (_, i) => `configuration ${i + 1}`),
  metrics: METRICS,
  scores: Array.from({ length: 10 }, (_, i) => METRICS.map((_, k) => 0.3 + 0.05 * i + 0.01 * k)),
};

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
