/**
 * The one visual style of the lab's figures. Lengths are CSS pixels; a figure is at most about 1000 pixels wide, the width of a
 * report page, so the sizes below are what a reader sees.
 */

/** DejaVu Sans is bundled and draws the PNG; Verdana has nearly its widths and stands in where a browser shows the SVG without it. */
export const FONT_FAMILY = "'DejaVu Sans', Verdana, sans-serif";

export const FONT_SIZE = { title: 17, rowTitle: 15, panelTitle: 14, axisName: 13, label: 12, value: 11 } as const;

export const COLOUR = {
  background: '#ffffff',
  text: '#1f2328',
  mutedText: '#4b535d',
  axis: '#8c959f',
  grid: '#e4e7eb',
  /** Grid lines that lie among lines of their own kind, as in a radar chart. */
  web: '#c9cfd6',
  /** The cell of a value that does not exist: a rate over no samples, the score of a run that failed. */
  missing: '#d5d9de',
} as const;

/** Okabe and Ito's colour-blind-safe set ("Color Universal Design", 2008) without its yellow, which white paper swallows. */
export const SERIES_COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#1f2328'] as const;

/** Paul Tol's "muted" set for up to ten classes, its pale grey darkened so that dots of it show on white. */
export const CLASS_COLOURS = [
  '#332288',
  '#88CCEE',
  '#44AA99',
  '#117733',
  '#999933',
  '#DDCC77',
  '#CC6677',
  '#882255',
  '#AA4499',
  '#777777',
] as const;

/** Colours with one meaning in every figure. */
export const MEANING = { correct: '#0072B2', wrong: '#D55E00', uncertain: '#E69F00' } as const;

export type MarkerSymbol = 'circle' | 'rect' | 'triangle' | 'diamond';
const SYMBOLS: readonly MarkerSymbol[] = ['circle', 'triangle', 'rect', 'diamond'];

export interface SeriesStyle {
  colour: string;
  symbol: MarkerSymbol;
}

/** The look of the i-th series. Seven colours and four markers share no factor, so 28 series differ from each other. */
export function seriesStyle(index: number): SeriesStyle {
  return { colour: SERIES_COLOURS[index % SERIES_COLOURS.length]!, symbol: SYMBOLS[index % SYMBOLS.length]! };
}

/** The look of the i-th class; 20 classes differ from each other. */
export function classStyle(index: number): SeriesStyle {
  return { colour: CLASS_COLOURS[index % CLASS_COLOURS.length]!, symbol: SYMBOLS[index % SYMBOLS.length]! };
}
