import { Resvg } from '@resvg/resvg-js';
import type { EChartsOption } from 'echarts';
import { echarts } from './echarts.ts';
import type { Graphic } from './graphics.ts';
import { setPngResolution } from './png.ts';
import { COLOUR, FONT_FAMILY, FONT_SIZE } from './style.ts';
import { FONT_FILES } from './text.ts';

/** A finished figure. The SVG is text of `width` × `height` CSS pixels; the PNG is the same picture at twice that size. */
export interface Figure {
  /** Stem of its file names. */
  name: string;
  title: string;
  /** A sentence or two on what it shows and how to read it. */
  caption: string;
  svg: string;
  png: Uint8Array;
  width: number;
  height: number;
}

/** What every figure function takes beside its data. */
export interface FigureOptions {
  /** Stem of the file names: letters, digits, `_` and `-`. Each figure has its own default. */
  name?: string;
  title?: string;
  caption?: string;
}

/** What stands above and below the picture: FigureOptions with the defaults filled in. */
export interface FigureText {
  name: string;
  title: string;
  caption: string;
}

/** A picture before it is rendered. */
export interface Drawing {
  width: number;
  height: number;
  option: EChartsOption;
  graphics: readonly Graphic[];
}

/** Fills the fields that the caller left out. */
export function withDefaults(options: FigureOptions, defaults: FigureText): FigureText {
  return {
    name: options.name ?? defaults.name,
    title: options.title ?? defaults.title,
    caption: options.caption ?? defaults.caption,
  };
}

/** Draws the SVG and, with the bundled fonts alone, the PNG. The same input gives the same bytes. */
export function renderFigure(text: FigureText, drawing: Drawing): Figure {
  const { name, title, caption } = text;
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) {
    throw new Error(`The figure's name is '${name}', expected letters, digits, '_' and '-', as it names two files.`);
  }
  const width = Math.ceil(drawing.width);
  const height = Math.ceil(drawing.height);
  const svg = drawSvg(name, title, width, height, drawing);
  return { name, title, caption, svg, png: rasterise(svg, width), width, height };
}

function drawSvg(name: string, title: string, width: number, height: number, drawing: Drawing): string {
  const chart = echarts().init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: COLOUR.background,
      textStyle: { fontFamily: FONT_FAMILY, fontSize: FONT_SIZE.label, color: COLOUR.text },
      ...drawing.option,
      graphic: drawing.graphics as EChartsOption['graphic'],
    });
    return tidy(chart.renderToSVGString(), name, title);
  } finally {
    // A chart that lives on keeps a timer, and with it the process.
    chart.dispose();
  }
}

/**
 * Ids in the library's output count up with every chart of the process; named after the figure instead, they repeat from run to
 * run and do not collide where a page holds several figures. Hover styles and data marks serve a script that no figure has.
 */
function tidy(svg: string, name: string, title: string): string {
  return svg
    .replace(/<style[^>]*>.*?<\/style>/gs, '')
    .replace(/ (?:class="zr\d+-cls-\d+"|ecmeta_\w+="[^"]*"|pointer-events="\w+")/g, '')
    .replace(/(id="|url\(#|href="#)zr\d+-/g, `$1${name}-`)
    .replace(/<image /g, '<image image-rendering="optimizeSpeed" ')
    .replace(
      /^<svg [^>]*>/,
      (root) => `${root.replace('<svg ', '<svg role="img" ')}\n<title>${escapeXml(title)}</title>`,
    )
    .replace(/\n\s*\n+/g, '\n');
}

/** The text with the characters that XML reserves written as entities. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
}

function rasterise(svg: string, width: number): Uint8Array {
  const resvg = new Resvg(svg, {
    fitTo: { mode: 'width', value: 2 * width },
    font: {
      loadSystemFonts: false,
      fontFiles: [FONT_FILES.regular, FONT_FILES.bold],
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
    },
  });
  return setPngResolution(resvg.render().asPng(), 192);
}
