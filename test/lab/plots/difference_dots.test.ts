import { describe, expect, it } from 'vitest';
import { differenceDots } from '../../../src/lab/plots/index.ts';
import { anchorOf, expectWholeFigure, textsOf } from './read_figure.ts';

const METRICS = ['accuracy', 'macro F1', 'minority recall'];
const VALUE = 'difference to the baseline (percentage points)';
const GROUPS = [
  {
    name: 'data',
    rows: [
      { name: 'hard-example mining', differences: [1.5, 2, 7] },
      { name: 'confused pairs', differences: [-3, Number.NaN, 0] },
    ],
  },
  { name: 'loss', rows: [{ name: 'triplet', differences: [Number.NaN, Number.NaN, Number.NaN] }] },
];

describe('differenceDots', () => {
  it('gives each group a panel, each row its name, and says where there is no result', () => {
    const figure = differenceDots({ metrics: METRICS, groups: GROUPS, valueName: VALUE });
    expectWholeFigure(figure);
    const texts = textsOf(figure);
    expect(texts).toEqual(
      expect.arrayContaining([...METRICS, 'data', 'loss', 'hard-example mining', 'confused pairs', 'triplet', VALUE]),
    );
    expect(texts).toContain('no result');
    // The axis is written once, under the last panel, and spans what differs on either side of 0.
    expect(texts.filter((text) => text === '0').length).toBe(1);
    expect(texts).toEqual(expect.arrayContaining(['−4', '8']));
    expect(anchorOf(figure, 'data').y).toBeLessThan(anchorOf(figure, 'loss').y);
  });

  it('draws differences of nothing', () => {
    expectWholeFigure(
      differenceDots({
        metrics: ['accuracy'],
        groups: [{ name: 'g', rows: [{ name: 'same', differences: [0] }] }],
        valueName: VALUE,
      }),
    );
  });

  it('says which argument is wrong', () => {
    expect(() => differenceDots({ metrics: METRICS, groups: [], valueName: VALUE })).toThrow(
      'differenceDots: groups is empty',
    );
    expect(() => differenceDots({ metrics: ['accuracy'], groups: GROUPS, valueName: VALUE })).toThrow(
      'differenceDots: groups[0].rows[0].differences has 3 entries, expected 1 as metrics has.',
    );
  });
});
