import { requireFractions, requireLength, requireSome } from './check_input.ts';
import { fromHex, toHex } from './colour_maps.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { type Graphic, rectAt, textAt } from './graphics.ts';
import { layOutPanels, type Panel, type PlotBox } from './panels.ts';
import { CLASS_COLOURS, FONT_SIZE, SERIES_COLOURS } from './style.ts';
import { textWidth, widest } from './text.ts';
import { linearScale } from './ticks.ts';

/** Scores from 0 to 1 of several models (or configurations) in several metrics; NaN where a score is missing. */
export interface ScoreTable extends FigureOptions {
  models: readonly string[];
  metrics: readonly string[];
  /** [models][metrics] */
  scores: readonly (readonly number[])[];
}

/** Throws one sentence unless the table is whole. */
export function checkScoreTable(figure: string, { models, metrics, scores }: ScoreTable): void {
  requireSome(figure, 'models', models);
  requireSome(figure, 'metrics', metrics);
  requireLength(figure, 'scores', scores, models.length, 'models');
  scores.forEach((row, i) => {
    requireLength(figure, `scores[${i}]`, row, metrics.length, 'metrics');
    requireFractions(figure, `scores[${i}]`, row);
  });
}

/** Bars grouped by metric, one bar per model, each with its score written above it. */
export function metricBars(input: ScoreTable): Figure {
  checkScoreTable('metricBars', input);
  const { models, metrics } = input;
  const text = withDefaults(input, {
    name: 'metric_bars',
    title: 'Scores by model',
    caption: `Scores from 0 to 1, higher is better: ${metrics.join(', ')}. One bar per model; – where there is no score.`,
  });
  const legend = models.map((label, i) => ({ label, colour: barColour(i, models.length) }));
  return renderFigure(text, layOutPanels({ title: text.title, legend, rows: [{ panels: [barPanel(input)] }] }));
}

const WIDEST_PLOT = 860;
const WIDEST_BAR = 60;
/** Share of a metric's band that its bars fill. */
const FILLED = 0.84;

/**
 * Bars have no markers to tell them apart, so more than seven take the larger palette, and past its end each round is paler.
 */
function barColour(index: number, count: number): string {
  const palette = count <= SERIES_COLOURS.length ? SERIES_COLOURS : CLASS_COLOURS;
  const rounds = Math.ceil(count / palette.length);
  const paler = Math.floor(index / palette.length) / rounds;
  const [r, g, b] = fromHex(palette[index % palette.length]!);
  return toHex([r + (1 - r) * paler, g + (1 - g) * paler, b + (1 - b) * paler]);
}

function barPanel({ models, metrics, scores }: ScoreTable): Panel {
  const slot = widest(metrics) + 16;
  const width = Math.min(WIDEST_PLOT, metrics.length * Math.max(slot, (WIDEST_BAR * models.length) / FILLED));
  const barWidth = Math.min(WIDEST_BAR, (width * FILLED) / (metrics.length * models.length));
  const upright = textWidth('0.000', FONT_SIZE.value) > barWidth - 4;
  return {
    width,
    height: 280,
    x: { categories: metrics },
    y: { scale: linearScale([0, 1]), name: 'score', grid: true },
    roomAbove: upright ? 40 : 16,
    draw: (box) =>
      scores.flatMap((row, m) =>
        row.flatMap((score, k) =>
          bar(box, box.x(k) + (m - (models.length - 1) / 2) * barWidth, score, {
            width: barWidth,
            colour: barColour(m, models.length),
            upright,
          }),
        ),
      ),
  };
}

/** One bar around the pixel column `centre` with its score above it. */
function bar(
  box: PlotBox,
  centre: number,
  score: number,
  { width, colour, upright }: { width: number; colour: string; upright: boolean },
): Graphic[] {
  const missing = Number.isNaN(score);
  const top = box.y(missing ? 0 : score);
  const label = textAt(centre, top - (upright && !missing ? 4 : 8), missing ? '–' : score.toFixed(3), {
    size: FONT_SIZE.value,
    align: upright && !missing ? 'left' : 'center',
    rotate: upright && !missing ? 90 : 0,
  });
  const height = box.top + box.height - top;
  if (missing || height === 0) return [label];
  // A pixel's gap parts neighbours.
  return [rectAt(centre - width / 2 + 0.5, top, width - 1, height, { fill: colour }), label];
}
