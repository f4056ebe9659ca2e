import type { LineSeriesOption } from 'echarts';
import { requireFractions, requireLength, requireSome } from './check_input.ts';
import { asTextColour } from './colour_maps.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { DASH, type Graphic, lineFrom, textAt } from './graphics.ts';
import type { LegendItem } from './heading.ts';
import { layOutPanels, type Panel, type PlotBox } from './panels.ts';
import { COLOUR, FONT_SIZE, type MarkerSymbol, type SeriesStyle, seriesStyle } from './style.ts';
import { widest } from './text.ts';
import { epochScale, linearScale } from './ticks.ts';

/** The course of one training, a value per epoch. NaN leaves a gap; losses in the loss's own unit, accuracies from 0 to 1. */
export interface TrainingCourse {
  name: string;
  loss: readonly number[];
  accuracy: readonly number[];
  /** The same on data the run was not trained on. */
  evalLoss?: readonly number[];
  evalAccuracy?: readonly number[];
}

interface CurveOptions extends FigureOptions {
  /** What evaluation data are called in the legend: "test" by default. */
  evalName?: string;
}

export interface TrainingCurves extends CurveOptions {
  runs: readonly TrainingCourse[];
}

/** Loss and accuracy (in percent) over the epochs, side by side; dashed where measured on evaluation data. */
export function trainingCurves(input: TrainingCurves): Figure {
  const { runs, evalName = 'test' } = input;
  checkRuns('trainingCurves', 'runs', runs);
  const text = withDefaults(input, {
    name: 'training_curves',
    title: 'Training curves',
    caption: describe(runs, evalName),
  });
  const rows = [{ panels: curvePanels(runs) }];
  return renderFigure(text, layOutPanels({ title: text.title, legend: curveLegend(runs, evalName), rows }));
}

export interface CurveGroup {
  /** What the runs of this group differ in, as in "Loss functions". */
  title: string;
  runs: readonly TrainingCourse[];
}

export interface TrainingCurveGroups extends CurveOptions {
  /** One row of panels each, from top to bottom. */
  groups: readonly CurveGroup[];
}

/** Training curves of several groups of runs: under each group's title and legend a row of loss and accuracy. */
export function trainingCurveGroups(input: TrainingCurveGroups): Figure {
  const { groups, evalName = 'test' } = input;
  requireSome('trainingCurveGroups', 'groups', groups);
  groups.forEach((group, i) => {
    checkRuns('trainingCurveGroups', `groups[${i}].runs`, group.runs);
  });
  const text = withDefaults(input, {
    name: 'training_curve_groups',
    title: 'Training curves',
    caption: describe(
      groups.flatMap((group) => group.runs),
      evalName,
    ),
  });
  const rows = groups.map(({ title, runs }) => ({
    title,
    legend: curveLegend(runs, evalName),
    panels: curvePanels(runs),
  }));
  return renderFigure(text, layOutPanels({ title: text.title, rows }));
}

function checkRuns(figure: string, argument: string, runs: readonly TrainingCourse[]): void {
  requireSome(figure, argument, runs);
  runs.forEach((run, i) => {
    const at = `${argument}[${i}]`;
    requireSome(figure, `${at}.loss`, run.loss);
    for (const key of ['accuracy', 'evalLoss', 'evalAccuracy'] as const) {
      if (run[key]) requireLength(figure, `${at}.${key}`, run[key], run.loss.length, `${at}.loss`);
    }
    requireFractions(figure, `${at}.accuracy`, run.accuracy);
    requireFractions(figure, `${at}.evalAccuracy`, run.evalAccuracy ?? []);
  });
}

const isEvaluated = (run: TrainingCourse): boolean => run.evalLoss !== undefined || run.evalAccuracy !== undefined;

/** One run: its training and its evaluation. Several: their names, and once for all what solid and dashed mean. */
function curveLegend(runs: readonly TrainingCourse[], evalName: string): LegendItem[] {
  const kinds = (colour: string, symbol?: MarkerSymbol): LegendItem[] =>
    runs.some(isEvaluated)
      ? [
          { label: 'training', colour, symbol, line: 'solid' },
          { label: evalName, colour, symbol, line: 'dashed' },
        ]
      : [];
  if (runs.length === 1) return kinds(seriesStyle(0).colour, seriesStyle(0).symbol);
  const names = runs.map((run, i): LegendItem => ({ label: run.name, ...seriesStyle(i), line: 'solid' }));
  return [...names, ...kinds(COLOUR.mutedText).map((item, i) => ({ ...item, newRow: i === 0 }))];
}

function describe(runs: readonly TrainingCourse[], evalName: string): string {
  const sentences = [
    'Loss (left) and accuracy (right) over the epochs; the last value stands at the end of each curve.',
  ];
  if (runs.some(isEvaluated)) sentences.push(`Solid: on training data. Dashed: on ${evalName} data.`);
  const isBroken = (values: readonly number[] = []): boolean => !values.every(Number.isFinite);
  const broken = runs.filter((run) => [run.loss, run.accuracy, run.evalLoss, run.evalAccuracy].some(isBroken));
  if (broken.length > 0) sentences.push(`Gaps: no finite value (${broken.map((run) => run.name).join(', ')}).`);
  return sentences.join(' ');
}

interface Curve {
  values: readonly number[];
  style: SeriesStyle;
  dashed: boolean;
}

function curvePanels(runs: readonly TrainingCourse[]): Panel[] {
  const epochs = Math.max(...runs.map((run) => run.loss.length));
  const percent = (values: readonly number[] = []): number[] => values.map((value) => 100 * value);
  const loss = runs.flatMap((run, i): Curve[] => [
    { values: run.loss, style: seriesStyle(i), dashed: false },
    { values: run.evalLoss ?? [], style: seriesStyle(i), dashed: true },
  ]);
  const accuracy = runs.flatMap((run, i): Curve[] => [
    { values: percent(run.accuracy), style: seriesStyle(i), dashed: false },
    { values: percent(run.evalAccuracy), style: seriesStyle(i), dashed: true },
  ]);
  return [
    curvePanel({ title: 'Loss', quantity: 'loss', decimals: 2, minSpan: 0.5 }, loss, epochs),
    curvePanel({ title: 'Accuracy', quantity: 'accuracy (%)', decimals: 1, minSpan: 10, max: 100 }, accuracy, epochs),
  ];
}

interface CurveQuantity {
  title: string;
  quantity: string;
  decimals: number;
  /** The axis covers at least this much, so that noise does not look like progress. */
  minSpan: number;
  max?: number;
}

function curvePanel(quantity: CurveQuantity, curves: readonly Curve[], epochs: number): Panel {
  const shown = curves.filter((curve) => curve.values.some(Number.isFinite));
  const ends = shown.map((curve): CurveEnd => {
    const last = curve.values.findLastIndex(Number.isFinite);
    return { curve, epoch: last + 1, value: curve.values[last]!, text: curve.values[last]!.toFixed(quantity.decimals) };
  });
  return {
    title: quantity.title,
    width: 350,
    height: 250,
    x: { scale: epochScale(epochs), name: 'epoch' },
    y: {
      scale: linearScale(
        shown.flatMap((curve) => curve.values),
        { min: 0, ...quantity },
      ),
      name: quantity.quantity,
      grid: true,
    },
    roomRight:
      widest(
        ends.map((end) => end.text),
        FONT_SIZE.value,
      ) + LEADER,
    series: shown.map((curve) => curveSeries(curve, epochs)),
    draw: (box) => (ends.length > 0 ? labelEnds(box, ends) : [noValues(box)]),
  };
}

interface CurveEnd {
  curve: Curve;
  epoch: number;
  value: number;
  text: string;
}

function curveSeries({ values, style, dashed }: Curve, epochs: number): LineSeriesOption {
  // Markers at the axis's ticks, so that long runs stay lines; a value between two gaps has no line and needs its marker.
  const ticks = new Set(epochScale(epochs).ticks.map((tick) => tick.value));
  const alone = (i: number): boolean => !Number.isFinite(values[i - 1]) && !Number.isFinite(values[i + 1]);
  return {
    type: 'line',
    data: values.map((value, i) => ({
      value: [i + 1, Number.isFinite(value) ? value : '-'],
      symbol: ticks.has(i + 1) || i === values.length - 1 || alone(i) ? style.symbol : 'none',
    })),
    showSymbol: true,
    showAllSymbol: true,
    symbolSize: 7,
    itemStyle: dashed
      ? { color: COLOUR.background, borderColor: style.colour, borderWidth: 1.5 }
      : { color: style.colour },
    lineStyle: { color: style.colour, width: 2, type: dashed ? DASH : 'solid' },
    clip: false,
  };
}

/** Writes each curve's last value at its end; where ends crowd, the values move apart and a thin line leads to each. */
function labelEnds(box: PlotBox, ends: readonly CurveEnd[]): Graphic[] {
  return [...new Set(ends.map((end) => end.epoch))].flatMap((epoch) => {
    const together = ends.filter((end) => end.epoch === epoch);
    const heights = together.map((end) => box.y(end.value));
    // Above the axis, of which a number on it would hide a piece.
    const lowest = box.top + box.height - FONT_SIZE.value / 2 - 3;
    const places = spreadApart(heights, FONT_SIZE.value + 2, box.top, lowest);
    const moved = places.some((place, i) => Math.abs(place - heights[i]!) > 3);
    const x = box.x(epoch);
    return together.flatMap(({ curve, text }, i) => {
      const colour = asTextColour(curve.style.colour);
      const leader = { stroke: colour, lineWidth: 0.7 };
      return [
        ...(moved ? [lineFrom(x + 5, heights[i]!, x + LEADER - 2, places[i]!, leader)] : []),
        textAt(x + (moved ? LEADER : 8), places[i]!, text, { size: FONT_SIZE.value, colour, halo: true }),
      ];
    });
  });
}

/** Pixels from a curve's end to the value written beside it. */
const LEADER = 18;

/**
 * Moves positions apart until neighbours are `gap` away from each other, keeping their order and staying between `low` and `high`
 * as long as they fit.
 */
export function spreadApart(positions: readonly number[], gap: number, low: number, high: number): number[] {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a]! - positions[b]! || a - b);
  const placed = [...positions];
  order.forEach((i, rank) => {
    if (rank > 0) placed[i] = Math.max(placed[i]!, placed[order[rank - 1]!]! + gap);
  });
  let limit = Math.max(high, low + gap * (positions.length - 1));
  for (const i of order.toReversed()) {
    placed[i] = Math.min(placed[i]!, limit);
    limit = placed[i]! - gap;
  }
  return placed;
}

function noValues(box: PlotBox): Graphic {
  const style = { align: 'center', colour: COLOUR.mutedText } as const;
  return textAt(box.left + box.width / 2, box.top + box.height / 2, 'no finite value', style);
}
