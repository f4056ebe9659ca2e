import { sequential, textColourOn, toHex } from './colour_maps.ts';
import { type Graphic, rectAt, textAt } from './graphics.ts';
import type { Panel, PlotBox } from './panels.ts';
import { COLOUR, FONT_SIZE } from './style.ts';
import { widest } from './text.ts';
import type { Scale } from './ticks.ts';

/** A table of numbers as coloured cells with their values in them, unless it is dense. NaN is a grey cell with a dash. */
export interface Matrix {
  title?: string;
  rows: readonly string[];
  columns: readonly string[];
  rowName?: string;
  columnName?: string;
  /** [rows][columns] */
  values: readonly (readonly number[])[];
  format: (value: number) => string;
  /** Values of the palest and the darkest colour. */
  scale: Scale;
  /** 'none' where the neighbour at the left carries the same rows. */
  rowLabels?: 'shown' | 'none';
  /** Pixels. Cells are as wide as their longest text asks for, and four fifths as high, unless these say more. */
  minCellWidth?: number;
  cellHeight?: number;
  /** Square cells of one line's height and colours alone, for more classes than numbers can be read of. */
  dense?: boolean;
  /** Cells to outline. */
  outlined?: (row: number, column: number) => boolean;
}

/** Pixels: a matrix of two classes still has room for its axis names. */
const SMALLEST_SIDE = 200;

/** Pixels: the side of a dense cell, one line of the axis labels. */
const DENSE_SIDE = 15;

function textsOf(values: Matrix['values'], format: Matrix['format']): string[][] {
  return values.map((row) => row.map((value) => (Number.isNaN(value) ? '–' : format(value))));
}

/** Pixels that the longest of these values asks of a cell. */
export function cellWidthFor(values: Matrix['values'], format: Matrix['format']): number {
  return Math.ceil(widest(textsOf(values, format).flat(), FONT_SIZE.value)) + 8;
}

export function matrixPanel(matrix: Matrix): Panel {
  const { rows, columns, values, format } = matrix;
  const texts = textsOf(values, format);
  const readable = Math.max(matrix.minCellWidth ?? 30, SMALLEST_SIDE / columns.length, cellWidthFor(values, format));
  const cellWidth = matrix.dense ? DENSE_SIDE : readable;
  const cellHeight = matrix.dense ? DENSE_SIDE : Math.max(matrix.cellHeight ?? 0.8 * cellWidth, 26);
  return {
    title: matrix.title,
    width: cellWidth * columns.length,
    height: cellHeight * rows.length,
    x: { categories: columns, name: matrix.columnName, line: false },
    y: { categories: rows, name: matrix.rowName, line: false, labels: matrix.rowLabels ?? 'shown' },
    draw: (box) => [
      ...values.flatMap((row, r) => row.flatMap((value, c) => cell(box, matrix, r, c, value, texts[r]![c]!))),
      ...outlines(box, matrix),
    ],
  };
}

function cell(
  box: PlotBox,
  { rows, columns, scale, dense }: Matrix,
  r: number,
  c: number,
  value: number,
  text: string,
): Graphic[] {
  const width = box.width / columns.length;
  const height = box.height / rows.length;
  const missing = Number.isNaN(value);
  const colour = sequential(missing ? 0 : (value - scale.min) / (scale.max - scale.min));
  const fill = missing ? COLOUR.missing : toHex(colour);
  const x = box.left + c * width;
  const y = box.top + r * height;
  const rectangle = rectAt(x, y, width, height, { fill, stroke: COLOUR.grid });
  if (dense) return [rectangle];
  return [
    rectangle,
    textAt(x + width / 2, y + height / 2, text, {
      size: FONT_SIZE.value,
      colour: missing ? COLOUR.mutedText : textColourOn(colour),
      align: 'center',
    }),
  ];
}

function outlines(box: PlotBox, { rows, columns, outlined }: Matrix): Graphic[] {
  if (!outlined) return [];
  const width = box.width / columns.length;
  const height = box.height / rows.length;
  const style = { stroke: COLOUR.text, lineWidth: 2, z: 11 };
  return rows.flatMap((_, r) =>
    columns.flatMap((_, c) =>
      outlined(r, c) ? [rectAt(box.left + c * width + 1, box.top + r * height + 1, width - 2, height - 2, style)] : [],
    ),
  );
}

/** The key to a matrix's colours, as high as the matrix beside it. */
export function colourBar(scale: Scale, name: string, height: number): Panel {
  const stops = Array.from({ length: 17 }, (_, i) => ({ offset: i / 16, color: toHex(sequential(1 - i / 16)) }));
  // A low bar keeps every second or third label, so that they do not touch.
  const every = Math.ceil((scale.ticks.length * 18) / height);
  const ticks = scale.ticks.filter((_, i) => i % every === 0);
  return {
    width: 14,
    height,
    x: { scale: { min: 0, max: 1, ticks: [] }, labels: 'none', line: false },
    y: { scale: { ...scale, ticks }, name, side: 'right', line: false },
    draw: (box) => [
      {
        ...rectAt(box.left, box.top, box.width, box.height, { stroke: COLOUR.axis, z: 1 }),
        style: {
          fill: { type: 'linear', x: 0, y: 0, x2: 0, y2: 1, colorStops: stops },
          stroke: COLOUR.axis,
          lineWidth: 1,
        },
      },
    ],
  };
}
