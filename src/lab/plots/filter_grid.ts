import { requireLength } from './check_input.ts';
import type { Figure, FigureOptions } from './figure.ts';
import { imageGrid } from './image_grid.ts';

export interface FilterGrid extends FigureOptions {
  /** Weights of a convolution that sees images, [KH, KW, CI, CO], CI 1 (grey) or 3 (RGB). */
  weights: ArrayLike<number>;
  shape: readonly [number, number, number, number];
}

/** Filters in a row of the figure. */
const COLUMNS = 8;
/** Grey, which stands for a weight of 0. */
const MIDDLE = 127.5;

/** The filters of a first convolution as images, each by its own largest weight: a weight of 0 is grey, what speaks for the filter is bright. */
export function filterGrid(input: FilterGrid): Figure {
  const { weights, shape } = input;
  const [kh, kw, ci, co] = shape;
  requireLength('filterGrid', 'weights', weights, kh * kw * ci * co, 'shape');
  const size = kh * kw * ci;
  const images = new Uint8Array(co * size);
  for (let filter = 0; filter < co; filter++) {
    let largest = 0;
    for (let at = 0; at < size; at++) largest = Math.max(largest, Math.abs(weights[at * co + filter]));
    for (let at = 0; at < size; at++) {
      const share = largest > 0 ? weights[at * co + filter] / largest : 0;
      images[filter * size + at] = Math.round(MIDDLE * (1 + share));
    }
  }
  return imageGrid({
    name: input.name ?? 'filters',
    title: input.title ?? 'First filters',
    caption:
      input.caption ??
      `The ${co} filters of the first convolution, ${kh} × ${kw} pixels each: grey is a weight of 0, bright speaks for the filter, dark against it. Each is scaled by its own largest weight.`,
    images,
    shape: [co, kh, kw, ci],
    columns: COLUMNS,
  });
}
