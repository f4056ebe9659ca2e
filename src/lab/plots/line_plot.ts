import type { LineSeriesOption } from 'echarts';
import { requireSome } from './check_input.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { DASH } from './graphics.ts';
import { layOutPanels, type Panel } from './panels.ts';
import { seriesStyle } from './style.ts';
import { formatPowerOfTen, linearScale, type Scale } from './ticks.ts';

/** Points joined in their order. A value that is not finite, or not above 0 on a logarithmic axis, leaves a gap. */
export interface PlotLine {
  /** Lines of one name look alike in all panels. */
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  dashed?: boolean;
}

/** One pair of axes with its lines. */
export interface LinePanel {
  title?: string;
  /** Quantity and unit, as in "step". */
  xName: string;
  yName: string;
  lines: readonly PlotLine[];
  /** Axes in powers of ten. */
  log?: 'x' | 'y' | 'both';
}

/** Panels of lines side by side. */
export interface LinePlot extends FigureOptions {
  panels: readonly LinePanel[];
}

/** Lines over numbers, in one panel or several side by side, with one legend. */
export function linePlot(input: LinePlot): Figure {
  requireSome('linePlot', 'panels', input.panels);
  for (const [p, { lines }] of input.panels.entries()) {
    requireSome('linePlot', `panels[${p}].lines`, lines);
    for (const [i, { points }] of lines.entries()) requireSome('linePlot', `panels[${p}].lines[${i}].points`, points);
  }
  const all = input.panels.flatMap(({ lines }) => lines);
  const names = [...new Set(all.map(({ name }) => name))];
  const legend = names.map((label, i) => {
    const dashed = all.find(({ name }) => name === label)?.dashed;
    return { label, ...seriesStyle(i), line: dashed ? ('dashed' as const) : ('solid' as const) };
  });
  const text = withDefaults(input, { name: 'lines', title: 'Lines', caption: `Lines: ${names.join(', ')}.` });
  const panels = input.panels.map((panel) => drawPanel(panel, names));
  return renderFigure(text, layOutPanels({ title: text.title, legend, rows: [{ panels }] }));
}

/** More points than this are a line without markers. */
const MOST_MARKERS = 45;

function drawPanel({ title, xName, yName, lines, log }: LinePanel, names: readonly string[]): Panel {
  const logs = [log === 'x' || log === 'both', log === 'y' || log === 'both'] as const;
  const placed = lines.map((line) => line.points.map((point) => logs.map((l, d) => place(point[d], l))));
  const [x, y] = logs.map((l, d) =>
    scaleOf(
      placed.flat().map((point) => point[d]!),
      l,
    ),
  );
  return {
    title,
    width: 350,
    height: 260,
    x: { scale: x!, name: xName, grid: true },
    y: { scale: y!, name: yName, grid: true },
    series: lines.map((line, i) => seriesOf(line, placed[i]!, names.indexOf(line.name))),
  };
}

const place = (value: number, log: boolean): number => {
  if (!log) return value;
  return value > 0 ? Math.log10(value) : Number.NaN;
};

function scaleOf(values: readonly number[], log: boolean): Scale {
  if (!log) return linearScale(values);
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return linearScale([]);
  const min = Math.floor(finite.reduce((a, b) => Math.min(a, b)) + 1e-9);
  const max = Math.max(min + 1, Math.ceil(finite.reduce((a, b) => Math.max(a, b)) - 1e-9));
  const every = Math.ceil((max - min) / 8);
  const exponents = Array.from({ length: Math.floor((max - min) / every) + 1 }, (_, i) => min + i * every);
  return { min, max, ticks: exponents.map((value) => ({ value, label: formatPowerOfTen(value) })) };
}

function seriesOf({ dashed }: PlotLine, points: readonly number[][], index: number): LineSeriesOption {
  const { colour, symbol } = seriesStyle(index);
  return {
    type: 'line',
    data: points.map((point) => point.map((value) => (Number.isFinite(value) ? value : '-'))),
    symbol: points.length > MOST_MARKERS ? 'none' : symbol,
    showSymbol: true,
    showAllSymbol: true,
    symbolSize: 6,
    itemStyle: { color: colour },
    lineStyle: { color: colour, width: 2, type: dashed ? DASH : 'solid' },
    clip: false,
  };
}
