import { describe, expect, it } from 'vitest';
import { classDistribution } from '../../../src/lab/plots/class_distribution.ts';
import { anchorOf, CLASS_NAMES, expectWholeFigure, textElement, textsOf } from './read_figure.ts';

const LONG_TAIL = [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50];

describe('classDistribution', () => {
  it('writes every class once and every count in both panels', () => {
    const figure = classDistribution({ classNames: CLASS_NAMES, counts: LONG_TAIL, title: 'Long tail' });
    expectWholeFigure(figure);
    const texts = textsOf(figure);
    for (const name of CLASS_NAMES) expect(texts.filter((text) => text === name)).toHaveLength(1);
    for (const count of LONG_TAIL.slice(1)) expect(texts.filter((text) => text === `${count}`)).toHaveLength(2);
    expect(figure.title).toBe('Long tail');
    expect(figure.caption).toContain('12406 samples in 10 classes: the largest holds 5000, 100 times the smallest');
  });

  it('draws bars as long as the axes say', () => {
    const figure = classDistribution({ classNames: ['a', 'b', 'c'], counts: [1000, 100, 10] });
    const bars = [...figure.svg.matchAll(/<path d="M([\d.]+) [\d.]+l([\d.]+) 0[^"]*" fill="#0072B2"/g)].map((match) =>
      Number(match[2]),
    );
    // Six bars: linear as 100 : 10 : 1, logarithmic as 3 : 2 : 1.
    expect(bars).toHaveLength(6);
    expect(bars.slice(0, 3).map((width) => width / bars[0]!)).toEqual([
      1,
      expect.closeTo(0.1, 3),
      expect.closeTo(0.01, 3),
    ]);
    expect(bars.slice(3).map((width) => (3 * width) / bars[3]!)).toEqual([
      3,
      expect.closeTo(2, 3),
      expect.closeTo(1, 3),
    ]);
  });

  it('shows a class without samples as 0 at the foot of the logarithmic axis', () => {
    const figure = classDistribution({ classNames: ['many', 'one', 'none'], counts: [40000, 1, 0] });
    expectWholeFigure(figure);
    // 0 thrice: tick of the linear axis and the label in each panel.
    expect(textsOf(figure).filter((text) => text === '0')).toHaveLength(3);
    const lastBarLabels = [...figure.svg.matchAll(/transform="translate\(([\d.]+) [\d.]+\)"[^>]*>0<\/text>/g)];
    const onLog = Math.max(...lastBarLabels.map((match) => Number(match[1])));
    expect(onLog).toBeLessThan(anchorOf(figure, '10').x);
    expect(figure.caption).toContain('1 holds none');
  });

  it('draws equal counts, one class, no samples at all, and many classes', () => {
    expectWholeFigure(classDistribution({ classNames: ['a', 'b'], counts: [7, 7] }));
    expectWholeFigure(classDistribution({ classNames: ['only'], counts: [1] }));
    expectWholeFigure(classDistribution({ classNames: ['a', 'b'], counts: [0, 0] }));
    const names = Array.from({ length: 40 }, (_, i) => `class number ${i}`);
    const figure = classDistribution({ classNames: names, counts: names.map((_, i) => 123456 - i) });
    expectWholeFigure(figure);
    expect(textsOf(figure)).toEqual(expect.arrayContaining(names));
  });

  it('shortens a name that would take the room of the bars', () => {
    const figure = classDistribution({ classNames: ['a name that is much longer than a name should be'], counts: [3] });
    expectWholeFigure(figure);
    expect(textElement(figure, 'a name that is much longer than…')).toContain('text-anchor="end"');
  });

  it('says which argument is wrong', () => {
    expect(() => classDistribution({ classNames: [], counts: [] })).toThrow('classDistribution: classNames is empty');
    expect(() => classDistribution({ classNames: ['a', 'b'], counts: [1] })).toThrow(
      'classDistribution: counts has 1 entries, expected 2 as classNames has.',
    );
    expect(() => classDistribution({ classNames: ['a'], counts: [1.5] })).toThrow(
      'counts[0] is 1.5, expected a whole number',
    );
    expect(() => classDistribution({ classNames: ['a'], counts: [-1] })).toThrow('counts[0] is -1');
  });
});
