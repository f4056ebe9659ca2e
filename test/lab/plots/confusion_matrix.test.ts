import { describe, expect, it } from 'vitest';
import { confusionMatrices, confusionMatrix } from '../../../src/lab/plots/confusion_matrix.ts';
import { anchorOf, CLASS_NAMES, decode, expectWholeFigure, pixel, textElement, textsOf } from './read_figure.ts';

/** Ten classes; row t, column p holds 10 t + p, on the diagonal `right` + t. */
const matrix = (right: number): number[][] =>
  CLASS_NAMES.map((_, t) => CLASS_NAMES.map((_, p) => (t === p ? right + t : 10 * t + p)));

describe('confusionMatrix', () => {
  it('writes every count in its cell, true classes down and predicted ones across', () => {
    const figure = confusionMatrix({ classNames: CLASS_NAMES, matrix: matrix(900), title: 'Test set' });
    expectWholeFigure(figure);
    const texts = textsOf(figure);
    expect(texts).toEqual(expect.arrayContaining(matrix(900).flat().map(String)));
    for (const name of CLASS_NAMES) expect(texts.filter((text) => text === name)).toHaveLength(2);
    expect(texts).toEqual(expect.arrayContaining(['true class', 'predicted class', 'samples']));
    // 12: true class 1, predicted class 2. 21: the other way round.
    const [upper, lower] = [anchorOf(figure, '12'), anchorOf(figure, '21')];
    expect(lower.y).toBeGreaterThan(upper.y);
    expect(lower.x).toBeLessThan(upper.x);
    expect(anchorOf(figure, '901').y).toBeCloseTo(upper.y, 1);
  });

  it('writes light text on dark cells and dark text on light ones', () => {
    const figure = confusionMatrix({
      classNames: ['a', 'b'],
      matrix: [
        [97, 3],
        [4, 96],
      ],
    });
    expect(textElement(figure, '97')).toContain('fill="#ffffff"');
    expect(textElement(figure, '3')).toContain('fill="#1f2328"');
    const { x, y } = anchorOf(figure, '97');
    const [red, , blue] = pixel(decode(figure), Math.round(2 * (x + 30)), Math.round(2 * (y + 20)));
    expect(red).toBeLessThan(40);
    expect(blue).toBeGreaterThan(80);
  });

  it('gives the percentage of the true class, and dashes to a class without samples', () => {
    const matrix = [
      [3, 1, 0],
      [0, 0, 0],
      [1, 1, 4],
    ];
    const panels = [{ title: '% of each true class', matrix, normalised: true }];
    const figure = confusionMatrices({ classNames: ['a', 'b', 'c'], panels });
    expectWholeFigure(figure);
    const texts = textsOf(figure);
    expect(texts).toEqual(expect.arrayContaining(['75.0', '25.0', '66.7', '16.7', '% of the true class']));
    expect(texts.filter((text) => text === '–')).toHaveLength(3);
  });

  it('has colours alone, and every class name, where there are too many classes for numbers', () => {
    const figureOf = (classes: number) => {
      const classNames = Array.from({ length: classes }, (_, index) => `class ${index}`);
      const diagonal = classNames.map((_, t) => classNames.map((_, p) => (t === p ? 777 : 0)));
      return confusionMatrix({ classNames, matrix: diagonal });
    };
    const [numbered, dense] = [figureOf(25), figureOf(26)];
    for (const figure of [numbered, dense]) expectWholeFigure(figure);
    expect(textsOf(numbered).filter((text) => text === '777')).toHaveLength(25);
    expect(textsOf(dense)).not.toContain('777');
    for (let index = 0; index < 26; index++)
      expect(textsOf(dense).filter((text) => text === `class ${index}`)).toHaveLength(2);
    expect(dense.caption).toContain('The colour of a cell is the number of samples.');
    expect(figureOf(100).width).toBeLessThan(2000);
  });

  it('widens its cells for long counts and copes with none', () => {
    const figure = confusionMatrix({ classNames: CLASS_NAMES, matrix: matrix(98700) });
    expectWholeFigure(figure);
    expect(figure.width).toBeGreaterThan(confusionMatrix({ classNames: CLASS_NAMES, matrix: matrix(1) }).width);
    expectWholeFigure(
      confusionMatrix({
        classNames: ['a name far too long for its axis', 'b'],
        matrix: [
          [0, 0],
          [0, 0],
        ],
      }),
    );
  });

  it('says which argument is wrong', () => {
    expect(() => confusionMatrix({ classNames: [], matrix: [] })).toThrow('confusionMatrix: classNames is empty');
    expect(() => confusionMatrix({ classNames: ['a', 'b'], matrix: [[1, 2]] })).toThrow(
      'confusionMatrix: matrix has 1 entries, expected 2 as classNames has.',
    );
    expect(() => confusionMatrix({ classNames: ['a', 'b'], matrix: [[1, 2], [3]] })).toThrow('matrix[1] has 1 entries');
    expect(() => confusionMatrix({ classNames: ['a'], matrix: [[0.5]] })).toThrow('matrix[0][0] is 0.5');
  });
});

describe('confusionMatrices', () => {
  it('draws three in a row with one colour scale and the classes named once at the left', () => {
    const titles = ['CustomCNN', 'ResNet-18', 'EfficientNet-B0'];
    const panels = titles.map((title, i) => ({ title, matrix: matrix(700 + 100 * i) }));
    const figure = confusionMatrices({ classNames: CLASS_NAMES, panels });
    expectWholeFigure(figure);
    const texts = textsOf(figure);
    expect(texts).toEqual(expect.arrayContaining(titles));
    expect(texts.filter((text) => text === 'samples')).toHaveLength(1);
    expect(texts.filter((text) => text === 'automobile')).toHaveLength(4);
  });

  it('gives raw and normalised matrices each their scale', () => {
    const panels = [
      { title: 'Counts', matrix: matrix(800) },
      { title: '% of each true class', matrix: matrix(800), normalised: true },
    ];
    const figure = confusionMatrices({ classNames: CLASS_NAMES, panels });
    expectWholeFigure(figure);
    expect(textsOf(figure)).toEqual(expect.arrayContaining(['samples', '% of the true class']));
  });

  it('says which argument is wrong', () => {
    expect(() => confusionMatrices({ classNames: ['a'], panels: [] })).toThrow('confusionMatrices: panels is empty');
    expect(() => confusionMatrices({ classNames: ['a'], panels: [{ title: 'x', matrix: [[1, 2]] }] })).toThrow(
      'confusionMatrices: panels[0].matrix[0] has 2 entries, expected 1',
    );
  });
});
