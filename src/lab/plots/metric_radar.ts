import { type Figure, renderFigure, withDefaults } from './figure.ts';
import { type Graphic, lineFrom, markerAt, polygonOf, textAt } from './graphics.ts';
import { layOutHeading, PADDING } from './heading.ts';
import { checkScoreTable, type ScoreTable } from './metric_bars.ts';
import { COLOUR, FONT_SIZE, seriesStyle } from './style.ts';
import { widest } from './text.ts';
import { linearScale, type Scale } from './ticks.ts';

/** Models shown: more would hide each other. */
const MOST = 5;

/**
 * Radar chart of the five models with the highest mean score, the first drawn last so that it lies on top. Models that lack a
 * score are left out. The centre is 0, so that distances from it compare as the scores do.
 */
export function metricRadar(input: ScoreTable): Figure {
  checkScoreTable('metricRadar', input);
  const { metrics } = input;
  if (metrics.length < 3) throw new Error(`metricRadar: metrics has ${metrics.length} entries, expected 3 or more.`);
  const shown = rankByMean(input).slice(0, MOST);
  if (shown.length === 0)
    throw new Error('metricRadar: every model lacks a score, expected one with all of its scores.');
  const scale = linearScale(
    shown.flatMap((model) => [...model.scores]),
    { zero: true, max: 1 },
  );
  const [first, last] = [scale.ticks[0]!.label, scale.ticks.at(-1)!.label];
  const text = withDefaults(input, {
    name: 'metric_radar',
    title: 'Configurations with the highest mean score',
    caption: `Centre: ${first}, outer ring: ${last}. Legend in order of the mean score, which stands in brackets.`,
  });
  const legend = shown.map((model, i) => ({
    label: `${model.name} (${model.mean.toFixed(3)})`,
    ...seriesStyle(i),
    line: 'solid' as const,
  }));
  const width = Math.max(640, 2 * (RADIUS + 24 + widest(metrics, FONT_SIZE.axisName) + PADDING));
  const heading = layOutHeading({ title: text.title, legend }, { width, top: PADDING, fontSize: FONT_SIZE.title });
  const centre = { x: width / 2, y: heading.bottom + 36 + RADIUS };
  const graphics = [...heading.graphics, ...web(metrics, scale, centre), ...ringLabels(scale, centre)];
  for (const [i, model] of [...shown.entries()].reverse()) graphics.push(...outline(model.scores, i, scale, centre));
  const lowest = Math.max(...metrics.map((_, k) => onSpoke(k, metrics.length, 1, centre)[1]));
  return renderFigure(text, { width, height: lowest + 40, option: {}, graphics });
}

const RADIUS = 190;

interface Point {
  x: number;
  y: number;
}

function rankByMean({ models, scores }: ScoreTable): { name: string; scores: readonly number[]; mean: number }[] {
  return models
    .map((name, i) => ({
      name,
      scores: scores[i]!,
      mean: scores[i]!.reduce((sum, score) => sum + score, 0) / scores[i]!.length,
    }))
    .filter((model) => !Number.isNaN(model.mean))
    .sort((a, b) => b.mean - a.mean);
}

/** The point at a share of the radius along a spoke; the first spoke points up, the others follow clockwise. */
function onSpoke(spoke: number, count: number, share: number, centre: Point): [number, number] {
  const angle = (2 * Math.PI * spoke) / count - Math.PI / 2;
  return [centre.x + RADIUS * share * Math.cos(angle), centre.y + RADIUS * share * Math.sin(angle)];
}

const shareOf = (value: number, { min, max }: Scale): number => (value - min) / (max - min);

function web(metrics: readonly string[], scale: Scale, centre: Point): Graphic[] {
  const n = metrics.length;
  const rings = scale.ticks.map(({ value }) =>
    polygonOf(
      metrics.map((_, k) => onSpoke(k, n, shareOf(value, scale), centre)),
      { stroke: COLOUR.web, lineWidth: 1, z: 1 },
    ),
  );
  const spokes = metrics.flatMap((metric, k) => {
    const [x, y] = onSpoke(k, n, 1, centre);
    const away = [x - centre.x, y - centre.y].map((d) => (d / RADIUS) * 18) as [number, number];
    const side = Math.abs(away[0]) < 1 ? 'center' : away[0] > 0 ? 'left' : 'right';
    return [
      lineFrom(centre.x, centre.y, x, y, { stroke: COLOUR.web, z: 1 }),
      textAt(x + away[0], y + away[1], metric, { size: FONT_SIZE.axisName, align: side }),
    ];
  });
  return [...rings, ...spokes];
}

function ringLabels(scale: Scale, centre: Point): Graphic[] {
  return scale.ticks.map(({ value, label }) =>
    textAt(centre.x + 4, centre.y - RADIUS * shareOf(value, scale), label, {
      size: FONT_SIZE.value,
      colour: COLOUR.mutedText,
      halo: true,
    }),
  );
}

function outline(scores: readonly number[], index: number, scale: Scale, centre: Point): Graphic[] {
  const { colour, symbol } = seriesStyle(index);
  const points = scores.map((score, k) => onSpoke(k, scores.length, shareOf(score, scale), centre));
  return [
    polygonOf(points, { stroke: colour, lineWidth: 2 }),
    ...points.map(([x, y]) => markerAt(x, y, symbol, 8, { fill: colour })),
  ];
}
