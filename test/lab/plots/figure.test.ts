import { Resvg } from '@resvg/resvg-js';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { classDistribution } from '../../../src/lab/plots/class_distribution.ts';
import { confusionMatrix } from '../../../src/lab/plots/confusion_matrix.ts';
import { trainingCurves } from '../../../src/lab/plots/training_curves.ts';
import { darkPixels, decode, expectWholeFigure, textsOf } from './read_figure.ts';

const draw = (more: object = {}) => classDistribution({ classNames: ['cat', 'dog'], counts: [20, 3], ...more });

describe('renderFigure', () => {
  it('gives the same bytes for the same input, whatever was drawn between', () => {
    const first = draw();
    trainingCurves({ runs: [{ name: 'a', loss: [1, 0.5], accuracy: [0.2, 0.4] }] });
    const matrix = {
      classNames: ['cat', 'dog'],
      matrix: [
        [3, 1],
        [0, 2],
      ],
    };
    const [before, after] = [confusionMatrix(matrix), confusionMatrix(matrix)];
    expect(before.svg).toMatch(/url\(#confusion_matrix-g0\)/);
    expect(after.svg).toBe(before.svg);
    const second = draw();
    expect(second.svg).toBe(first.svg);
    expect(Buffer.from(second.png).equals(Buffer.from(first.png))).toBe(true);
  });

  it('draws its texts with the bundled font alone', () => {
    const figure = draw();
    const titleBox = [16, 16, 180, 23];
    const bare = new Resvg(figure.svg, {
      fitTo: { mode: 'zoom', value: 2 },
      font: { loadSystemFonts: false },
    }).render();
    expect(darkPixels(PNG.sync.read(bare.asPng()), titleBox)).toBe(0);
    expect(darkPixels(decode(figure), titleBox)).toBeGreaterThan(500);
  });

  it('writes characters that XML reserves, and letters beyond ASCII', () => {
    const figure = draw({ title: 'α < β & "γ" > ε ≥ 1', classNames: ['<cat>', 'dog & "co"'] });
    expectWholeFigure(figure);
    expect(textsOf(figure)).toEqual(expect.arrayContaining(['α < β & "γ" > ε ≥ 1', '<cat>', 'dog & "co"']));
    expect(figure.svg).toContain('<title>α &lt; β &amp; &quot;γ&quot; &gt; ε ≥ 1</title>');
  });

  it('breaks a title that is longer than the figure is wide', () => {
    const title = 'A title that goes on and on '.repeat(6).trim();
    const figure = draw({ title });
    expectWholeFigure(figure);
    expect(figure.height).toBeGreaterThan(draw().height);
    expect(figure.title).toBe(title);
  });

  it('renders the PNG at twice the size and says so in the file', () => {
    const figure = draw();
    expect(decode(figure).width).toBe(2 * figure.width);
    const png = Buffer.from(figure.png);
    const chunk = png.indexOf('pHYs');
    // 192 dots per inch of 0.0254 m, twice the screen's 96
    expect(png.readUInt32BE(chunk + 4)).toBe(7559);
    expect(png.readUInt8(chunk + 12)).toBe(1);
  });

  it('refuses a name that is no file name', () => {
    expect(() => draw({ name: '../x' })).toThrow("The figure's name is '../x'");
  });
});
