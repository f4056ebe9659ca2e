import { COLOUR, FONT_FAMILY, FONT_SIZE, type MarkerSymbol } from './style.ts';

/** An element of the chart library's `graphic` component, at absolute pixels. */
export type Graphic = Record<string, unknown>;

interface TextStyle {
  size?: number;
  bold?: boolean;
  colour?: string;
  align?: 'left' | 'center' | 'right';
  baseline?: 'top' | 'middle' | 'bottom';
  /** Counter-clockwise, in degrees, about (x, y). */
  rotate?: number;
  /** Draws the text on a halo of the background's colour, for labels that lie on data. */
  halo?: boolean;
}

/** One line of text. */
export function textAt(x: number, y: number, text: string, style: TextStyle = {}): Graphic {
  return {
    type: 'text',
    x,
    y,
    z: 20,
    silent: true,
    rotation: ((style.rotate ?? 0) * Math.PI) / 180,
    style: {
      text,
      fill: style.colour ?? COLOUR.text,
      fontFamily: FONT_FAMILY,
      fontSize: style.size ?? FONT_SIZE.label,
      fontWeight: style.bold ? 'bold' : 'normal',
      align: style.align ?? 'left',
      verticalAlign: style.baseline ?? 'middle',
      ...(style.halo ? { stroke: COLOUR.background, lineWidth: 3 } : {}),
    },
  };
}

interface ShapeStyle {
  fill?: string;
  stroke?: string;
  lineWidth?: number;
  dashed?: boolean;
  opacity?: number;
  /** Drawing order: the grid lies at 0, the series at 2. */
  z?: number;
}

function shape(type: string, geometry: Record<string, unknown>, style: ShapeStyle): Graphic {
  return {
    type,
    z: style.z ?? 10,
    silent: true,
    shape: geometry,
    style: {
      fill: style.fill ?? 'none',
      stroke: style.stroke ?? 'none',
      lineWidth: style.stroke ? (style.lineWidth ?? 1) : 0,
      lineDash: style.dashed ? DASH : undefined,
      opacity: style.opacity ?? 1,
    },
  };
}

/** The dash of every dashed line, in legends and in series. */
export const DASH = [5, 4];

export function rectAt(x: number, y: number, width: number, height: number, style: ShapeStyle): Graphic {
  return shape('rect', { x, y, width, height }, style);
}

export function lineFrom(x1: number, y1: number, x2: number, y2: number, style: ShapeStyle): Graphic {
  return shape('line', { x1, y1, x2, y2 }, style);
}

export function polygonOf(points: number[][], style: ShapeStyle): Graphic {
  return shape('polygon', { points }, style);
}

/** The marker that the series of the same style uses, `size` pixels across. */
export function markerAt(x: number, y: number, symbol: MarkerSymbol, size: number, style: ShapeStyle): Graphic {
  const r = size / 2;
  switch (symbol) {
    case 'circle':
      return shape('circle', { cx: x, cy: y, r }, style);
    case 'rect':
      return rectAt(x - r, y - r, size, size, style);
    case 'triangle':
      return polygonOf(
        [
          [x, y - r],
          [x + r, y + r],
          [x - r, y + r],
        ],
        style,
      );
    case 'diamond':
      return polygonOf(
        [
          [x, y - r],
          [x + r, y],
          [x, y + r],
          [x - r, y],
        ],
        style,
      );
  }
}

/** A picture given as a data URI, stretched to the box. The renderer keeps its pixels sharp. */
export function imageAt(x: number, y: number, width: number, height: number, uri: string): Graphic {
  return { type: 'image', x, y, z: 10, silent: true, style: { image: uri, width, height } };
}
