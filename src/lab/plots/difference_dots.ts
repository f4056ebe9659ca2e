import { requireLength, requireSome } from './check_input.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { type Graphic, lineFrom, markerAt, textAt } from './graphics.ts';
import { layOutPanels, type Panel, type PlotBox } from './panels.ts';
import { COLOUR, FONT_SIZE, seriesStyle } from './style.ts';
import { linearScale, type Scale } from './ticks.ts';

export interface DifferenceDots extends FigureOptions {
  /** What differs, as in "accuracy": one marker each. */
  metrics: readonly string[];
  /** Configurations in groups, one panel each; `differences` is [metrics], NaN where there is none. */
  groups: readonly { name: string; rows: readonly { name: string; differences: readonly number[] }[] }[];
  /** Quantity and unit of the differences, as in "difference to the baseline (percentage points)". */
  valueName: string;
}

const WIDTH = 560;
const ROW_HEIGHT = 26;

/** For each configuration a row with a marker per metric, left of the zero line where it is worse than what it is compared with, right where better. */
export function differenceDots(input: DifferenceDots): Figure {
  const { metrics, groups, valueName } = input;
  requireSome('differenceDots', 'metrics', metrics);
  requireSome('differenceDots', 'groups', groups);
  for (const [g, { rows }] of groups.entries()) {
    requireSome('differenceDots', `groups[${g}].rows`, rows);
    for (const [r, { differences }] of rows.entries()) {
      requireLength('differenceDots', `groups[${g}].rows[${r}].differences`, differences, metrics.length, 'metrics');
    }
  }
  const text = withDefaults(input, {
    name: 'differences',
    title: 'Differences',
    caption: `Markers right of the line are better, left of it worse: ${metrics.join(', ')}.`,
  });
  const all = groups.flatMap(({ rows }) => rows.flatMap(({ differences }) => differences));
  const scale = linearScale(all, { zero: true, minSpan: 1e-3, count: 8 });
  const panels = groups.map((group, g) => groupPanel(group, scale, g === groups.length - 1 ? valueName : undefined));
  const legend = metrics.map((label, k) => ({ label, ...seriesStyle(k) }));
  return renderFigure(
    text,
    layOutPanels({ title: text.title, legend, rows: panels.map((panel) => ({ panels: [panel] })) }),
  );
}

function groupPanel({ name, rows }: DifferenceDots['groups'][number], scale: Scale, valueName?: string): Panel {
  return {
    title: name,
    width: WIDTH,
    height: rows.length * ROW_HEIGHT,
    x: { scale, name: valueName, labels: valueName ? 'shown' : 'none', grid: true },
    y: { categories: rows.map((row) => row.name) },
    draw: (box) => [zeroLine(box), ...rows.flatMap(({ differences }, r) => markers(box, r, differences))],
  };
}

function zeroLine(box: PlotBox): Graphic {
  const x = box.x(0);
  return lineFrom(x, box.top, x, box.top + box.height, { stroke: COLOUR.text, lineWidth: 1.5, z: 3 });
}

/** Metrics lie a little above each other, so that equal differences do not hide one another. */
function markers(box: PlotBox, row: number, differences: readonly number[]): Graphic[] {
  const middle = box.y(row);
  const known = differences.some((difference) => !Number.isNaN(difference));
  if (!known) {
    return [textAt(box.x(0) + 8, middle, 'no result', { size: FONT_SIZE.value, colour: COLOUR.mutedText, halo: true })];
  }
  const step = differences.length > 1 ? Math.min(6, (ROW_HEIGHT - 12) / (differences.length - 1)) : 0;
  return differences.flatMap((difference, k) => {
    if (Number.isNaN(difference)) return [];
    const y = middle + (k - (differences.length - 1) / 2) * step;
    const { colour, symbol } = seriesStyle(k);
    return [
      lineFrom(box.x(0), y, box.x(difference), y, { stroke: colour, lineWidth: 1, opacity: 0.6 }),
      markerAt(box.x(difference), y, symbol, 7, { fill: colour }),
    ];
  });
}
