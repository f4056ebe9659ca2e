import { requireRange, requireSome } from './check_input.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { type Graphic, lineFrom, markerAt, textAt } from './graphics.ts';
import { layOutPanels, type PlotBox } from './panels.ts';
import { COLOUR, FONT_SIZE, MEANING, SERIES_COLOURS } from './style.ts';
import { linearScale } from './ticks.ts';

export interface RejectionCurve extends FigureOptions {
  /** Shares of samples that are decided, and the accuracy among them, 0 to 1, in ascending order of coverage. */
  points: readonly { coverage: number; accuracy: number }[];
  /** What one threshold came to, marked. */
  chosen?: { threshold: number; coverage: number; accuracy: number };
}

/** More points than pixels look the same and make a large file. */
const MOST_POINTS = 400;

/** Accuracy of the predictions that are made, over their share, where the least confident ones are not made. */
export function rejectionCurve(input: RejectionCurve): Figure {
  const { points, chosen } = input;
  requireSome('rejectionCurve', 'points', points);
  for (const key of ['coverage', 'accuracy'] as const) {
    requireRange(
      'rejectionCurve',
      `points.${key}`,
      points.map((point) => point[key]),
      0,
      1,
      'a fraction',
    );
  }
  const text = withDefaults(input, {
    name: 'rejection_curve',
    title: 'Accuracy with rejection',
    caption: 'Accuracy among the predictions that are made, over their share. Dashed: where all are made.',
  });
  const every = Math.ceil(points.length / MOST_POINTS);
  const shown = points.filter((_, i) => i % every === 0 || i === points.length - 1);
  const all = points.at(-1)!.accuracy;
  const accuracies = [...shown.map((point) => point.accuracy), ...(chosen ? [chosen.accuracy] : [])];
  const panel = {
    width: 520,
    height: 300,
    x: { scale: linearScale([0, 1]), name: 'share of images decided', grid: true },
    y: { scale: linearScale(accuracies, { min: 0, max: 1, minSpan: 0.1 }), name: 'accuracy among them', grid: true },
    series: [
      {
        type: 'line' as const,
        data: shown.map(({ coverage, accuracy }) => [coverage, accuracy]),
        symbol: 'none',
        lineStyle: { color: SERIES_COLOURS[0], width: 2 },
      },
    ],
    draw: (box: PlotBox) => [
      lineFrom(box.left, box.y(all), box.left + box.width, box.y(all), { stroke: COLOUR.mutedText, dashed: true }),
      ...(chosen ? mark(box, chosen) : []),
    ],
  };
  return renderFigure(text, layOutPanels({ title: text.title, rows: [{ panels: [panel] }] }));
}

function mark(box: PlotBox, { threshold, coverage, accuracy }: NonNullable<RejectionCurve['chosen']>): Graphic[] {
  const [x, y] = [box.x(coverage), box.y(accuracy)];
  // The curve falls: it leaves room above on its right and below on its left.
  const onLeft = coverage > 0.5;
  return [
    markerAt(x, y, 'circle', 10, { fill: MEANING.wrong }),
    textAt(x + (onLeft ? -10 : 10), y + (onLeft ? 14 : -14), `threshold ${threshold.toFixed(2)}`, {
      size: FONT_SIZE.value,
      align: onLeft ? 'right' : 'left',
      halo: true,
    }),
  ];
}
