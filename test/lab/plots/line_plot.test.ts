import { describe, expect, it } from 'vitest';
import { linePlot } from '../../../src/lab/plots/index.ts';
import { expectWholeFigure, textsOf } from './read_figure.ts';

const line = { name: 'error', points: [[1e-3, 1e-6], [1e-2, 1e-4], [1e-1, 1e-2]] as [number, number][] }; // biome-ignore format: points

describe('linePlot', () => {
  it('names axes, panels and each line once', () => {
    const panel = { title: 'left', xName: 'step h', yName: 'error', lines: [line] };
    const other = { ...panel, title: 'right', lines: [{ ...line, name: 'bound', dashed: true }, line] };
    const figure = linePlot({ panels: [panel, other] });
    expectWholeFigure(figure);
    const texts = textsOf(figure);
    expect(texts).toEqual(expect.arrayContaining(['left', 'right', 'step h', 'bound']));
    // Once in the legend, and twice beside an axis.
    expect(texts.filter((text) => text === 'error')).toHaveLength(3);
  });

  it('marks powers of ten on a logarithmic axis', () => {
    const texts = textsOf(linePlot({ panels: [{ xName: 'x', yName: 'y', lines: [line], log: 'both' }] }));
    expect(texts).toEqual(expect.arrayContaining(['10⁻³', '10⁻²', '10⁻¹', '10⁻⁶', '10⁻⁴']));
    expect(texts).not.toContain('0.1');
    const linear = textsOf(linePlot({ panels: [{ xName: 'x', yName: 'y', lines: [line], log: 'y' }] }));
    expect(linear).toEqual(expect.arrayContaining(['0.10', '10⁻⁶']));
  });

  it('leaves gaps, and draws a line of nothing else', () => {
    const points: [number, number][] = [[1, Number.NaN], [2, 0], [3, -1]]; // biome-ignore format: points
    const panel = { xName: 'x', yName: 'y', lines: [{ name: 'a', points }] };
    expectWholeFigure(linePlot({ panels: [panel, { ...panel, log: 'both' }] }));
  });

  it('says which argument is wrong', () => {
    expect(() => linePlot({ panels: [] })).toThrow('linePlot: panels is empty');
    const lines = [{ name: 'a', points: [] }];
    expect(() => linePlot({ panels: [{ xName: 'x', yName: 'y', lines }] })).toThrow(
      'linePlot: panels[0].lines[0].points is empty',
    );
  });
});
