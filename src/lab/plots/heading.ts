import { type Graphic, lineFrom, markerAt, rectAt, textAt } from './graphics.ts';
import { COLOUR, type MarkerSymbol } from './style.ts';
import { elide, textWidth, wrap } from './text.ts';

/** An entry of the legend; it shows what the series shows: a line with its marker, a marker alone, or a filled swatch. */
export interface LegendItem {
  label: string;
  colour: string;
  symbol?: MarkerSymbol;
  line?: 'solid' | 'dashed';
  /** Begins a new row of the legend. */
  newRow?: boolean;
}

export interface Heading {
  /** Pixel row under it, from the top of the figure. */
  bottom: number;
  graphics: Graphic[];
}

/** Space between the figure's edge and what it holds. */
export const PADDING = 16;
const LEGEND_ROW = 20;

/**
 * A title at the left and under it a legend, both broken into as many lines as the figure's width asks for.
 *
 * @param top pixel row where it begins
 */
export function layOutHeading(
  { title, legend = [] }: { title?: string; legend?: readonly LegendItem[] },
  { width, top, fontSize }: { width: number; top: number; fontSize: number },
): Heading {
  const graphics: Graphic[] = [];
  const lineHeight = fontSize * 1.3;
  let y = top;
  for (const line of wrap(title ?? '', width - 2 * PADDING, fontSize, true)) {
    graphics.push(textAt(PADDING, y + lineHeight / 2, line, { size: fontSize, bold: true }));
    y += lineHeight;
  }
  if (legend.length > 0) {
    y += 8;
    let x = PADDING;
    for (const item of legend) {
      const label = elide(item.label, width - 2 * PADDING - keyWidth(item) - 6);
      const room = keyWidth(item) + 6 + textWidth(label);
      if (x > PADDING && (item.newRow || x + room > width - PADDING)) {
        x = PADDING;
        y += LEGEND_ROW;
      }
      graphics.push(...drawLegendItem({ ...item, label }, x, y + LEGEND_ROW / 2));
      x += room + 20;
    }
    y += LEGEND_ROW;
  }
  return { bottom: Math.ceil(y), graphics };
}

function keyWidth(item: LegendItem): number {
  return item.line ? 28 : 12;
}

function drawLegendItem(item: LegendItem, x: number, y: number): Graphic[] {
  const width = keyWidth(item);
  const graphics: Graphic[] = [];
  if (item.line) {
    graphics.push(lineFrom(x, y, x + width, y, { stroke: item.colour, lineWidth: 2, dashed: item.line === 'dashed' }));
  }
  if (item.symbol) {
    const hollow = { fill: COLOUR.background, stroke: item.colour, lineWidth: 1.5 };
    const look = item.line === 'dashed' ? hollow : { fill: item.colour };
    graphics.push(markerAt(x + width / 2, y, item.symbol, 8, look));
  }
  if (!item.line && !item.symbol) graphics.push(rectAt(x, y - 6, 12, 12, { fill: item.colour }));
  graphics.push(textAt(x + width + 6, y, item.label, { colour: COLOUR.text }));
  return graphics;
}
