import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import type { EChartsOption } from 'echarts';
import { echarts } from './echarts.ts';
import type { Graphic } from './graphics.ts';
import { setPngResolution } from './png.ts';
import { COLOUR, FONT_FAMILY, FONT_SIZE } from './style.ts';
import { FONT_FILES } from './text.ts';

/** A finished figure. The SVG is text of `width` × `height` CSS pixels; the PNG is the same picture at `dpi` / 96 times that size. */
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
  /** Resolution of the PNG: 192, twice the screen's 96, by default; 300 for print. */
  dpi?: number;
}

/** What stands above and below the picture: FigureOptions with the defaults filled in. */
export interface FigureText {
  name: string;
  title: string;
  caption: string;
  dpi?: number;
}

/** A picture before it is rendered. */
export interface Drawing {
  width: number;
  height: number;
  option: EChartsOption;
  graphics: readonly Graphic[];
}

/** Fills the fields that the caller left out. */
export function withDefaults(options: FigureOptions, defaults: Omit<FigureText, 'dpi'>): FigureText {
  return {
    name: options.name ?? defaults.name,
    title: options.title ?? defaults.title,
    caption: options.caption ?? defaults.caption,
    dpi: options.dpi,
  };
}

/** Draws the SVG and, with the bundled fonts alone, the PNG. The same input gives the same bytes. */
export function renderFigure(text: FigureText, drawing: Drawing): Figure {
  const { name, title, caption, dpi = 192 } = text;
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) {
    throw new Error(`The figure's name is '${name}', expected letters, digits, '_' and '-', as it names two files.`);
  }
  if (!(dpi >= 24 && dpi <= 1200)) throw new Error(`${name}: dpi is ${dpi}, expected a number from 24 to 1200.`);
  const width = Math.ceil(drawing.width);
  const height = Math.ceil(drawing.height);
  const svg = drawSvg(name, title, width, height, drawing);
  return { name, title, caption, svg, png: rasterise(svg, width, dpi), width, height };
}

function drawSvg(name: string, title: string, width: number, height: number, drawing: Drawing): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
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

function rasterise(svg: string, width: number, dpi: number): Uint8Array {
  const resvg = new Resvg(svg, {
    fitTo: { mode: 'width', value: Math.round((width * dpi) / 96) },
    font: {
      loadSystemFonts: false,
      fontFiles: [FONT_FILES.regular, FONT_FILES.bold],
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
    },
  });
  return setPngResolution(resvg.render().asPng(), dpi);
}

/**
 * Writes `<name>.svg` and `<name>.png` into the folder, made if missing. Each file appears whole or not at all: it is written beside
 * its place and renamed.
 *
 * @returns the two paths
 */
export async function writeFigure(folder: string, figure: Figure): Promise<{ svg: string; png: string }> {
  await mkdir(folder, { recursive: true });
  const paths = { svg: join(folder, `${figure.name}.svg`), png: join(folder, `${figure.name}.png`) };
  await writeWhole(paths.svg, figure.svg);
  await writeWhole(paths.png, figure.png);
  return paths;
}

async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(beside, content);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
