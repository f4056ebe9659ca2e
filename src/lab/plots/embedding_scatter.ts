import type { ScatterSeriesOption } from 'echarts';
import { requireLength, requireSome } from './check_input.ts';
import { asTextColour } from './colour_maps.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { type Graphic, textAt } from './graphics.ts';
import { layOutPanels, type PlotBox } from './panels.ts';
import { classStyle, FONT_SIZE } from './style.ts';
import { textWidth } from './text.ts';
import { linearScale } from './ticks.ts';

export interface EmbeddingScatter extends FigureOptions {
  /** [N, 2], row by row. */
  points: ArrayLike<number>;
  /** Class of each of the N points. */
  labels: ArrayLike<number>;
  classNames: readonly string[];
  /** Axis labels, as "PC 1 (34.2 % of the variance)". */
  xName: string;
  yName: string;
}

/** Points of the plane coloured by class, with a legend of the classes that occur and their names at the class centres. */
export function embeddingScatter(input: EmbeddingScatter): Figure {
  const { points, labels, classNames, xName, yName } = input;
  requireSome('embeddingScatter', 'labels', labels);
  requireLength('embeddingScatter', 'points', points, 2 * labels.length, 'twice labels');
  const classes = groupByClass(points, labels, classNames);
  const text = withDefaults(input, {
    name: 'embedding',
    title: 'Features in two dimensions',
    caption: `${labels.length} samples, coloured by their true class; each name stands at the mean of its class, or beside it where names crowd.`,
  });
  const panel = {
    width: 640,
    height: 480,
    x: {
      scale: linearScale(
        classes.flatMap((one) => one.points.map(([x]) => x)),
        { count: 8 },
      ),
      name: xName,
      grid: true,
    },
    y: {
      scale: linearScale(
        classes.flatMap((one) => one.points.map(([, y]) => y)),
        { count: 8 },
      ),
      name: yName,
      grid: true,
    },
    series: classes.map(dots),
    draw: (box: PlotBox) => centreNames(box, classes),
  };
  const legend = classes.map(({ name, index }) => ({ label: name, ...classStyle(index) }));
  return renderFigure(text, layOutPanels({ title: text.title, legend, rows: [{ panels: [panel] }] }));
}

interface ClassPoints {
  name: string;
  index: number;
  points: [number, number][];
}

function groupByClass(
  points: ArrayLike<number>,
  labels: ArrayLike<number>,
  classNames: readonly string[],
): ClassPoints[] {
  const classes = classNames.map((name, index): ClassPoints => ({ name, index, points: [] }));
  for (let i = 0; i < labels.length; i++) {
    const group = classes[labels[i]!];
    if (!group) {
      throw new Error(
        `embeddingScatter: labels[${i}] is ${labels[i]}, expected a whole number below ${classNames.length}, the length of classNames.`,
      );
    }
    const point: [number, number] = [points[2 * i]!, points[2 * i + 1]!];
    if (!point.every(Number.isFinite)) {
      throw new Error(`embeddingScatter: point ${i} is (${point.join(', ')}), expected finite coordinates.`);
    }
    group.points.push(point);
  }
  return classes.filter((group) => group.points.length > 0);
}

function dots({ index, points }: ClassPoints): ScatterSeriesOption {
  const { colour, symbol } = classStyle(index);
  return { type: 'scatter', data: points, symbol, symbolSize: 5, itemStyle: { color: colour, opacity: 0.75 } };
}

interface Name {
  name: string;
  index: number;
  x: number;
  y: number;
  width: number;
}

const NAME_HEIGHT = FONT_SIZE.axisName + 3;

/** Names at the class means; those that would cover each other part, up and down. */
function centreNames(box: PlotBox, classes: readonly ClassPoints[]): Graphic[] {
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const names = classes.map(({ name, index, points }) => ({
    name,
    index,
    x: box.x(mean(points.map(([x]) => x))),
    // A name must not hide a class of one point.
    y: box.y(mean(points.map(([, y]) => y))) - (points.length === 1 ? NAME_HEIGHT : 0),
    width: textWidth(name, FONT_SIZE.axisName, true) + 4,
  }));
  part(names);
  return names.map(({ name, index, x, y }) =>
    textAt(x, y, name, {
      size: FONT_SIZE.axisName,
      bold: true,
      align: 'center',
      colour: asTextColour(classStyle(index).colour),
      halo: true,
    }),
  );
}

/** Pushes overlapping names apart by half their overlap each, over and over, until none is left. */
function part(names: Name[]): void {
  names.sort((a, b) => a.y - b.y);
  for (let round = 0; round < 500; round++) {
    let moved = false;
    for (const [i, upper] of names.entries()) {
      for (const lower of names.slice(i + 1)) {
        const overlap = NAME_HEIGHT - (lower.y - upper.y);
        if (overlap < 0.01 || Math.abs(upper.x - lower.x) >= (upper.width + lower.width) / 2) continue;
        upper.y -= overlap / 2;
        lower.y += overlap / 2;
        moved = true;
      }
    }
    if (!moved) return;
  }
}
