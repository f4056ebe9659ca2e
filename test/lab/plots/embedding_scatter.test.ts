import { describe, expect, it } from 'vitest';
import { embeddingScatter } from '../../../src/lab/plots/embedding_scatter.ts';
import { FONT_SIZE } from '../../../src/lab/plots/style.ts';
import { anchorOf, CLASS_NAMES, expectWholeFigure, textElement, textsOf } from './read_figure.ts';

const AXES = { xName: 't-SNE 1', yName: 't-SNE 2' };

/** `each` points per class around its place on a circle, or around the origin where `radius` is 0. */
function clusters(each: number, radius: number): { points: Float32Array; labels: Uint8Array } {
  const count = each * CLASS_NAMES.length;
  const points = new Float32Array(2 * count);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const c = i % CLASS_NAMES.length;
    const angle = (2 * Math.PI * c) / CLASS_NAMES.length;
    labels[i] = c;
    points[2 * i] = radius * Math.cos(angle) + Math.sin(12.9 * i);
    points[2 * i + 1] = radius * Math.sin(angle) + Math.cos(78.2 * i);
  }
  return { points, labels };
}

const bold = (svg: string): { text: string; x: number; y: number }[] =>
  [...svg.matchAll(/<text([^>]*font-weight:bold[^>]*)>([^<]*)<\/text>/g)].map((match) => {
    const [, x, y] = /translate\(([-\d.]+) ([-\d.]+)\)/.exec(match[1]!)!;
    return { text: match[2]!, x: Number(x), y: Number(y) };
  });

describe('embeddingScatter', () => {
  it('draws each point, a legend, and the names at the class means', () => {
    const figure = embeddingScatter({ ...clusters(20, 10), classNames: CLASS_NAMES, ...AXES });
    expectWholeFigure(figure);
    const texts = textsOf(figure);
    for (const name of CLASS_NAMES) expect(texts.filter((text) => text === name)).toHaveLength(2);
    expect(texts).toEqual(expect.arrayContaining(['t-SNE 1', 't-SNE 2']));
    expect([...figure.svg.matchAll(/fill-opacity="0.75"/g)]).toHaveLength(200);
  });

  it('places a name by the mean of its points', () => {
    const points = [0, 0, 2, 0, 10, 10, 10, 10];
    const figure = embeddingScatter({ points, labels: [0, 0, 1, 1], classNames: ['low', 'high'], ...AXES });
    const [low, high] = [
      bold(figure.svg).find((n) => n.text === 'low')!,
      bold(figure.svg).find((n) => n.text === 'high')!,
    ];
    // Means (1, 0) and (10, 10) on axes from 0 to 10 with ticks at both ends.
    const left = anchorOf(figure, '0').x;
    expect(low.y - high.y).toBeCloseTo(480, 0);
    expect((low.x - left) / (high.x - left)).toBeLessThan(0.2);
  });

  it('moves names apart where the classes lie on each other', () => {
    const figure = embeddingScatter({ ...clusters(20, 0), classNames: CLASS_NAMES, ...AXES });
    expectWholeFigure(figure);
    const names = bold(figure.svg).filter((n) => (CLASS_NAMES as readonly string[]).includes(n.text));
    expect(names).toHaveLength(10);
    names.sort((a, b) => a.y - b.y);
    for (let i = 1; i < names.length; i++) expect(names[i]!.y - names[i - 1]!.y).toBeGreaterThan(FONT_SIZE.axisName);
  });

  it('leaves absent classes out', () => {
    const figure = embeddingScatter({ points: [1, 1], labels: [1], classNames: ['absent', 'only'], ...AXES });
    expectWholeFigure(figure);
    expect(textsOf(figure)).not.toContain('absent');
    expect(textElement(figure, 'only')).toBeDefined();
  });

  it('says which argument is wrong', () => {
    const classNames = ['a', 'b'];
    expect(() => embeddingScatter({ points: [], labels: [], classNames, ...AXES })).toThrow(
      'embeddingScatter: labels is empty',
    );
    expect(() => embeddingScatter({ points: [1, 2, 3], labels: [0, 1], classNames, ...AXES })).toThrow(
      'embeddingScatter: points has 3 entries, expected 4 as twice labels has.',
    );
    expect(() => embeddingScatter({ points: [1, 2], labels: [2], classNames, ...AXES })).toThrow('labels[0] is 2');
    expect(() => embeddingScatter({ points: [1, Number.NaN], labels: [0], classNames, ...AXES })).toThrow(
      'point 0 is (1, NaN), expected finite coordinates',
    );
  });
});
