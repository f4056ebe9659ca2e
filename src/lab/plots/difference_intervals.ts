import { requireSome } from './check_input.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { type Graphic, lineFrom, markerAt } from './graphics.ts';
import { layOutPanels, type PlotBox } from './panels.ts';
import { COLOUR, seriesStyle } from './style.ts';
import { linearScale } from './ticks.ts';

/** A difference with its interval. */
export interface DifferenceInterval {
  name: string;
  value: number;
  low: number;
  high: number;
  /** Whether it can be told from 0: drawn full, else hollow. */
  sure: boolean;
}

export interface DifferenceIntervals extends FigureOptions {
  rows: readonly DifferenceInterval[];
  /** Quantity and unit, as in "difference to the baseline (points)". */
  valueName: string;
}

const WIDTH = 560;
const ROW_HEIGHT = 30;

/** For each row a marker at its difference and a line over its interval, with a line at 0. */
export function differenceIntervals(input: DifferenceIntervals): Figure {
  const { rows, valueName } = input;
  requireSome('differenceIntervals', 'rows', rows);
  const text = withDefaults(input, {
    name: 'difference_intervals',
    title: 'Differences to the baseline',
    caption: 'A filled marker can be told from 0, a hollow one cannot. Lines are 95 % intervals.',
  });
  const scale = linearScale(
    rows.flatMap(({ value, low, high }) => [value, low, high]),
    { zero: true, minSpan: 1e-3, count: 8 },
  );
  const panel = {
    ...{ width: WIDTH, height: rows.length * ROW_HEIGHT },
    x: { scale, name: valueName, labels: 'shown' as const, grid: true },
    y: { categories: rows.map(({ name }) => name) },
    draw: (box: PlotBox) => [
      lineFrom(box.x(0), box.top, box.x(0), box.top + box.height, { stroke: COLOUR.text, lineWidth: 1.5, z: 3 }),
      ...rows.flatMap((row, r) => marked(box, row, r)),
    ],
  };
  return renderFigure(text, layOutPanels({ title: text.title, rows: [{ panels: [panel] }] }));
}

function marked(box: PlotBox, { value, low, high, sure }: DifferenceInterval, row: number): Graphic[] {
  const y = box.y(row);
  const { colour } = seriesStyle(0);
  const bar = (x: number) => lineFrom(box.x(x), y - 5, box.x(x), y + 5, { stroke: colour, lineWidth: 1.5 });
  return [
    lineFrom(box.x(low), y, box.x(high), y, { stroke: colour, lineWidth: 1.5 }),
    ...[low, high].map(bar),
    markerAt(box.x(value), y, 'circle', 9, { fill: sure ? colour : COLOUR.background, stroke: colour, lineWidth: 1.5 }),
  ];
}
