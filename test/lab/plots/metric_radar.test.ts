import { describe, expect, it } from 'vitest';
import { metricRadar } from '../../../src/lab/plots/metric_radar.ts';
import { expectWholeFigure, textsOf } from './read_figure.ts';

const METRICS = ['accuracy', 'precision', 'recall', 'F1', 'ROC-AUC'];

/** Ten configurations; the score of configuration i in metric k is 0.3 + 0.05 i + 0.01 k. */
const TEN = {
  models: Array.from({ length: 10 }, (_, i) => `configuration ${i + 1}`),
  metrics: METRICS,
  scores: Array.from({ length: 10 }, (_, i) => METRICS.map((_, k) => 0.3 + 0.05 * i + 0.01 * k)),
};

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
