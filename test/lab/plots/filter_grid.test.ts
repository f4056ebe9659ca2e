import { expect, it } from 'vitest';
import { filterGrid } from '../../../src/lab/plots/filter_grid.ts';
import { decode, expectWholeFigure, pixel } from './read_figure.ts';

it('shows each filter by its own largest weight, 0 as grey', () => {
  // Two filters of 1 × 2 pixels in grey; weights are [KH, KW, CI, CO].
  const figure = filterGrid({ weights: [-2, 0, 1, 0.5], shape: [1, 2, 1, 2] });
  expectWholeFigure(figure);
  const places = [...figure.svg.matchAll(/<image[^>]*translate\(([\d.]+) ([\d.]+)\)/g)].map((m) => [+m[1], +m[2]]);
  expect(places).toHaveLength(2);
  const png = decode(figure);
  const grey = (filter: number, share: number) => {
    const [x, y] = places[filter];
    return pixel(png, Math.round(2 * (x + 96 * share)), Math.round(2 * (y + 20)))[0];
  };
  expect([grey(0, 0.25), grey(0, 0.75), grey(1, 0.25), grey(1, 0.75)]).toEqual([0, 191, 128, 255]);
});

it('says what does not fit', () => {
  expect(() => filterGrid({ weights: [1], shape: [3, 3, 1, 1] })).toThrow('filterGrid: weights');
});
