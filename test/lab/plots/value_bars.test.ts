import { describe, expect, it } from 'vitest';
import { valueBars } from '../../../src/lab/plots/index.ts';
import { anchorOf, expectWholeFigure, textsOf } from './read_figure.ts';

const panel = {
  title: 'gradients',
  categories: ['a', 'b'],
  valueName: 'gradient',
  series: [
    { name: 'right', values: [2, -1] },
    { name: 'wrong', values: [Number.NaN, 0.5] },
  ],
};

describe('valueBars', () => {
  it('writes each value over its bar, or over 0, and nothing where there is none', () => {
    const figure = valueBars({ panels: [{ ...panel, format: (value) => `v${value}` }] });
    expectWholeFigure(figure);
    const texts = textsOf(figure);
    expect(texts.filter((text) => /^v/.test(text)).sort()).toEqual(['v-1', 'v0.5', 'v2']);
    expect(texts).toEqual(expect.arrayContaining(['gradients', 'gradient', 'right', 'wrong', 'a', 'b']));
    expect(anchorOf(figure, 'v2').y).toBeLessThan(anchorOf(figure, 'v-1').y);
  });

  it('writes no values unless told how, and no legend for one series', () => {
    const texts = textsOf(valueBars({ panels: [{ ...panel, series: panel.series.slice(0, 1) }] }));
    expect(texts).not.toContain('right');
    expect(texts.filter((text) => text === '2')).toHaveLength(1);
  });

  it('says which argument is wrong', () => {
    expect(() => valueBars({ panels: [] })).toThrow('valueBars: panels is empty');
    expect(() => valueBars({ panels: [{ ...panel, categories: ['a'] }] })).toThrow(
      'valueBars: panels[0].series[0].values has 2 entries, expected 1 as categories has.',
    );
  });
});
