import { requireRange, requireSome } from './check_input.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { type Graphic, lineFrom, markerAt, textAt } from './graphics.ts';
import { layOutPanels, type PlotBox } from './panels.ts';
import { COLOUR, FONT_SIZE, seriesStyle } from './style.ts';

import { logScale } from './ticks.ts';
import { spreadApart } from './training_curves.ts';

/** One version of a kernel in a roofline. */
export interface RooflinePoint {
  name: string;
  gflops: number;
  /** FLOPs for each byte that it loads from buffers. */
  intensity: number;
  /** FLOPs for each byte that it loads from buffers and workgroup memory together. Default: the same. */
  withWorkgroup?: number;
}

/** What `roofline` draws. Intensities are FLOPs per byte. */
export interface Roofline extends FigureOptions {
  /** GFLOP/s that the arithmetic can do at most. */
  peak: number;
  /** GB/s that memory can give at most. */
  bandwidth: number;
  points: readonly RooflinePoint[];
  /** Where a kernel would stand that loads each input once. */
  once: number;
}

const WIDTH = 560;
const HEIGHT = 340;

/** Rates over arithmetic intensity, both logarithmic, under the roof that memory (the slope) and arithmetic (the level) set. After Williams, Waterman, Patterson, "Roofline", CACM 2009. */
export function roofline(input: Roofline): Figure {
  const { peak, bandwidth, points, once } = input;
  requireSome('roofline', 'points', points);
  const positive = (argument: string, values: readonly number[]) =>
    requireRange('roofline', argument, values, Number.MIN_VALUE, Number.POSITIVE_INFINITY, 'a number');
  positive('peak and bandwidth', [peak, bandwidth]);
  positive(
    'points.gflops',
    points.map(({ gflops }) => gflops),
  );
  const intensities = points.flatMap(({ intensity, withWorkgroup = intensity }) => [intensity, withWorkgroup]);
  positive('intensities', [...intensities, once]);
  const shared = points.some(({ intensity, withWorkgroup = intensity }) => withWorkgroup !== intensity);
  const text = withDefaults(input, {
    name: 'roofline',
    title: 'Roofline',
    caption:
      'Rate over FLOPs for each byte loaded. The line is what memory (slope) and arithmetic (level) allow; a marker above the slope was answered by a cache. Hollow: loads from workgroup memory counted too.',
  });
  const ridge = peak / bandwidth;
  const x = logScale([...intensities, once, ridge]);
  const y = logScale([peak, ...points.map(({ gflops }) => gflops)]);
  // A roof that is a power of ten would lie on the frame.
  if (Math.log10(peak) > y.max - 0.15) Object.assign(y, logScale([peak * 1.5, ...points.map(({ gflops }) => gflops)]));
  const legend = points.map(({ name }, i) => ({ label: name, ...seriesStyle(i) }));
  const panel = {
    ...{ width: WIDTH, height: HEIGHT },
    x: { scale: x, name: `FLOPs per byte loaded${shared ? ' (hollow: from workgroup memory too)' : ''}`, grid: true },
    y: { scale: y, name: 'GFLOP/s', grid: true },
    draw: (box: PlotBox) => [
      ...roof(box, { peak, bandwidth, min: x.min, max: x.max, floor: y.min }),
      ...atOnce(box, once),
      ...markers(box, points),
    ],
  };
  return renderFigure(text, layOutPanels({ title: text.title, legend, rows: [{ panels: [panel] }] }));
}

const digits = (value: number) => `${Number(value.toPrecision(3))}`;

function roof(
  box: PlotBox,
  { peak, bandwidth, min, max, floor }: { peak: number; bandwidth: number; min: number; max: number; floor: number },
): Graphic[] {
  const [top, slope] = [Math.log10(peak), Math.log10(bandwidth)];
  const ridge = Math.min(max, Math.max(min, top - slope));
  // Where the slope enters the panel: at its left, or where it comes up through its floor.
  const from = Math.max(min, floor - slope);
  const style = { stroke: COLOUR.text, lineWidth: 2 };
  const small = { size: FONT_SIZE.value, colour: COLOUR.mutedText, halo: true };
  const middle = from + 0.75 * (ridge - from); // where there are few markers
  const lean = (Math.atan2(box.y(from + slope) - box.y(ridge + slope), box.x(ridge) - box.x(from)) * 180) / Math.PI;
  return [
    ...(ridge > from ? [lineFrom(box.x(from), box.y(from + slope), box.x(ridge), box.y(ridge + slope), style)] : []),
    lineFrom(box.x(ridge), box.y(top), box.left + box.width, box.y(top), style),
    textAt(box.left + box.width - 6, box.y(top) - 10, `peak ${digits(peak)} GFLOP/s`, { ...small, align: 'right' }),
    ...(ridge > from
      ? [
          textAt(box.x(middle) - 6, box.y(middle + slope) - 10, `copy ${digits(bandwidth)} GB/s`, {
            ...small,
            align: 'center',
            rotate: lean,
          }),
        ]
      : []),
  ];
}

function atOnce(box: PlotBox, once: number): Graphic[] {
  const x = box.x(Math.log10(once));
  const onLeft = x > box.left + box.width / 2;
  return [
    lineFrom(x, box.top, x, box.top + box.height, { stroke: COLOUR.mutedText, dashed: true }),
    textAt(x + (onLeft ? -6 : 6), box.top + box.height - 10, 'each input once', {
      ...{ size: FONT_SIZE.value, colour: COLOUR.mutedText, halo: true },
      align: onLeft ? 'right' : 'left',
    }),
  ];
}

function markers(box: PlotBox, points: readonly RooflinePoint[]): Graphic[] {
  const heights = spreadApart(
    points.map(({ gflops }) => box.y(Math.log10(gflops))),
    FONT_SIZE.value + 3,
    box.top,
    box.top + box.height,
  );
  return points.flatMap(({ name, gflops, intensity, withWorkgroup = intensity }, i) => {
    const { colour, symbol } = seriesStyle(i);
    const y = box.y(Math.log10(gflops));
    const [x, hollow] = [box.x(Math.log10(intensity)), box.x(Math.log10(withWorkgroup))];
    const onLeft = x > box.left + 0.75 * box.width;
    const label = textAt((onLeft ? hollow : x) + (onLeft ? -10 : 10), heights[i]!, `${name} ${digits(gflops)}`, {
      ...{ size: FONT_SIZE.value, halo: true },
      align: onLeft ? 'right' : 'left',
    });
    if (withWorkgroup === intensity) return [markerAt(x, y, symbol, 11, { fill: colour, z: 12 }), label];
    return [
      lineFrom(hollow, y, x, y, { stroke: colour, lineWidth: 1, dashed: true }),
      markerAt(hollow, y, symbol, 10, { fill: COLOUR.background, stroke: colour, lineWidth: 1.5, z: 12 }),
      markerAt(x, y, symbol, 11, { fill: colour, z: 12 }),
      label,
    ];
  });
}
