import { requireLength, requireSome } from './check_input.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { type Graphic, lineFrom, rectAt, textAt } from './graphics.ts';
import { layOutPanels, type Panel } from './panels.ts';
import { COLOUR, FONT_SIZE, SERIES_COLOURS } from './style.ts';
import { widest } from './text.ts';
import { linearScale } from './ticks.ts';

/** Bars on one pair of axes: for each category one of each series. */
export interface BarPanel {
  title?: string;
  categories: readonly string[];
  /** Quantity and unit. */
  valueName: string;
  /** values: [categories], NaN where there is none. Series of one name look alike in all panels. */
  series: readonly { name: string; values: readonly number[] }[];
  /** How a value is written at its bar; not at all by default. */
  format?: (value: number) => string;
}

/** Panels of bars side by side. */
export interface ValueBars extends FigureOptions {
  panels: readonly BarPanel[];
}

/** Bars of any quantity, from 0 up or down, in one panel or several side by side, with one legend. */
export function valueBars(input: ValueBars): Figure {
  requireSome('valueBars', 'panels', input.panels);
  for (const [p, { categories, series }] of input.panels.entries()) {
    requireSome('valueBars', `panels[${p}].categories`, categories);
    requireSome('valueBars', `panels[${p}].series`, series);
    for (const [s, { values }] of series.entries()) {
      requireLength('valueBars', `panels[${p}].series[${s}].values`, values, categories.length, 'categories');
    }
  }
  const names = [...new Set(input.panels.flatMap(({ series }) => series.map(({ name }) => name)))];
  const text = withDefaults(input, { name: 'bars', title: 'Values', caption: `Bars: ${names.join(', ')}.` });
  const legend = names.length > 1 ? names.map((label, i) => ({ label, colour: colourOf(i) })) : [];
  const panels = input.panels.map((panel) => drawPanel(panel, names, input.panels.length));
  return renderFigure(text, layOutPanels({ title: text.title, legend, rows: [{ panels }] }));
}

const colourOf = (index: number): string => SERIES_COLOURS[index % SERIES_COLOURS.length]!;

/** Pixels that the panels share. */
const WIDTH = 860;
/** Share of a category's band that its bars fill. */
const FILLED = 0.8;

function drawPanel(
  { title, categories, valueName, series, format }: BarPanel,
  names: readonly string[],
  panels: number,
): Panel {
  const texts = series.map(({ values }) =>
    values.map((value) => (format && Number.isFinite(value) ? format(value) : '')),
  );
  const longest = widest(texts.flat(), FONT_SIZE.value);
  const width = Math.min(WIDTH / panels, Math.max(300, categories.length * 110));
  const barWidth = Math.min(60, (width * FILLED) / (categories.length * series.length));
  const upright = longest > barWidth + 2;
  const all = series.flatMap(({ values }) => values);
  return {
    title,
    width,
    height: 260,
    x: { categories, line: false },
    y: { scale: linearScale(all, { zero: true }), name: valueName, grid: true },
    roomAbove: upright ? longest : 14,
    draw: (box) => [
      lineFrom(box.left, box.y(0), box.left + box.width, box.y(0), { stroke: COLOUR.axis, z: 12 }),
      ...series.flatMap(({ name, values }, s) =>
        values.flatMap((value, c): Graphic[] => {
          if (!Number.isFinite(value)) return [];
          const centre = box.x(c) + (s - (series.length - 1) / 2) * barWidth;
          const [top, bottom] = [Math.min(box.y(0), box.y(value)), Math.max(box.y(0), box.y(value))];
          const fill = colourOf(names.indexOf(name));
          // Over the axis where the bar hangs down: under the bar stand the categories.
          const at = top - (upright ? 4 : 8);
          const label = textAt(centre, at, texts[s]![c]!, {
            size: FONT_SIZE.value,
            align: upright ? 'left' : 'center',
            rotate: upright ? 90 : 0,
          });
          const bar = rectAt(centre - barWidth / 2 + 0.5, top, barWidth - 1, bottom - top, { fill });
          return format ? [bar, label] : [bar];
        }),
      ),
    ],
  };
}
