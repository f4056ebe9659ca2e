import { requireRange, requireSome } from './check_input.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { type Graphic, lineFrom, rectAt, textAt } from './graphics.ts';
import { layOutPanels, type PlotBox } from './panels.ts';
import { COLOUR, FONT_SIZE, SERIES_COLOURS } from './style.ts';
import { elide } from './text.ts';
import { linearScale } from './ticks.ts';

export interface BoxPlot extends FigureOptions {
  /** One box each; a group without values keeps its place. */
  groups: readonly { name: string; values: ArrayLike<number>; colour?: string }[];
  /** Quantity and unit of the values, as in "confidence". */
  valueName: string;
}

/** The numbers a box stands for. */
export interface BoxStatistics {
  count: number;
  /** Quartiles with linear interpolation, as NumPy's percentile computes them by default. */
  q1: number;
  median: number;
  q3: number;
  /** Furthest values within 1.5 interquartile ranges of the box (Tukey). */
  low: number;
  high: number;
  outliers: number[];
}

/** Boxes from the first to the third quartile with the median, whiskers after Tukey, and the values beyond them as ticks. */
export function boxPlot(input: BoxPlot): Figure {
  const { groups, valueName } = input;
  requireSome('boxPlot', 'groups', groups);
  groups.forEach(({ values }, i) => {
    requireRange('boxPlot', `groups[${i}].values`, values, -Number.MAX_VALUE, Number.MAX_VALUE, 'a finite number');
  });
  const text = withDefaults(input, {
    name: 'box_plot',
    title: `Distribution of the ${valueName}`,
    caption:
      'Box: first to third quartile, with the median written beside it. Whiskers: the furthest values within 1.5 interquartile ranges. Short strokes: values beyond.',
  });
  const boxes = groups.map(({ values }) => boxStatistics(values));
  const panel = {
    width: 640,
    height: groups.length * 64,
    x: {
      scale: linearScale(boxes.flatMap((box) => [box.low, box.high, ...box.outliers])),
      name: valueName,
      grid: true,
    },
    y: { categories: groups.map(({ name, values }) => `${elide(name, 110)} (n = ${values.length})`) },
    draw: (plot: PlotBox) =>
      boxes.flatMap((box, i) => drawBox(plot, box, i, groups[i]!.colour ?? SERIES_COLOURS[i % SERIES_COLOURS.length]!)),
  };
  return renderFigure(text, layOutPanels({ title: text.title, rows: [{ panels: [panel] }] }));
}

/** Quartiles, whiskers and outliers; all NaN for no values. */
export function boxStatistics(values: ArrayLike<number>): BoxStatistics {
  const sorted = Float64Array.from(values).sort();
  const quantile = (share: number): number => {
    if (sorted.length === 0) return Number.NaN;
    const at = share * (sorted.length - 1);
    const below = sorted[Math.floor(at)]!;
    return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
  };
  const [q1, median, q3] = [quantile(0.25), quantile(0.5), quantile(0.75)];
  const reach = 1.5 * (q3 - q1);
  const within = sorted.filter((value) => value >= q1 - reach && value <= q3 + reach);
  return {
    count: sorted.length,
    q1,
    median,
    q3,
    low: within[0] ?? Number.NaN,
    high: within.at(-1) ?? Number.NaN,
    outliers: [...sorted].filter((value) => value < q1 - reach || value > q3 + reach),
  };
}

function drawBox(plot: PlotBox, box: BoxStatistics, row: number, colour: string): Graphic[] {
  const middle = plot.y(row);
  if (box.count === 0) {
    return [textAt(plot.left + 8, middle, 'no values', { size: FONT_SIZE.value, colour: COLOUR.mutedText })];
  }
  const half = 15;
  const line = { stroke: COLOUR.text, lineWidth: 1.5 };
  const [low, q1, median, q3, high] = [box.low, box.q1, box.median, box.q3, box.high].map((value) => plot.x(value));
  const upright = (x: number, reach: number): Graphic => lineFrom(x, middle - reach, x, middle + reach, line);
  // Thousands of outliers share few pixels: one stroke per half pixel shows the same.
  const strokes = new Set(box.outliers.map((value) => Math.round(2 * plot.x(value)) / 2));
  return [
    lineFrom(low!, middle, q1!, middle, line),
    lineFrom(q3!, middle, high!, middle, line),
    upright(low!, 6),
    upright(high!, 6),
    rectAt(q1!, middle - half, q3! - q1!, 2 * half, { fill: colour, opacity: 0.55 }),
    rectAt(q1!, middle - half, q3! - q1!, 2 * half, line),
    lineFrom(median!, middle - half, median!, middle + half, { stroke: COLOUR.text, lineWidth: 3 }),
    textAt(median!, middle - half - 8, Number(box.median.toPrecision(3)).toString(), {
      size: FONT_SIZE.value,
      align: 'center',
      halo: true,
    }),
    ...[...strokes].map((x) => lineFrom(x, middle - 4, x, middle + 4, { stroke: colour, lineWidth: 1, opacity: 0.7 })),
  ];
}
