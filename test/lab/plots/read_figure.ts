import { Resvg } from '@resvg/resvg-js';
import { PNG } from 'pngjs';
import { expect } from 'vitest';
import type { Figure } from '../../../src/lab/plots/figure.ts';

/** The texts of an SVG in the order they are drawn, entities resolved. */
export function textsOf(figure: Figure): string[] {
  return [...figure.svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) =>
    match[1]!.replace(/&(lt|gt|quot|amp|#39);/g, (_, name: string) => ENTITIES[name]!),
  );
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'" };

/** The attributes of the first text that reads so. */
export function textElement(figure: Figure, text: string): string {
  const found = [...figure.svg.matchAll(/<text([^>]*)>([^<]*)<\/text>/g)].find((match) => match[2] === text);
  if (!found) throw new Error(`No text '${text}' among ${JSON.stringify(textsOf(figure))}`);
  return found[1]!;
}

/** Where a text is anchored, in pixels of the figure. */
export function anchorOf(figure: Figure, text: string): { x: number; y: number } {
  const attributes = textElement(figure, text);
  const moved = /transform="translate\(([-\d.]+) ([-\d.]+)\)"/.exec(attributes);
  const own = (name: string): number => Number(new RegExp(` ${name}="([-\\d.]+)"`).exec(attributes)?.[1] ?? 0);
  return { x: Number(moved?.[1] ?? 0) + own('x'), y: Number(moved?.[2] ?? 0) + own('y') };
}

export function decode(figure: Figure): PNG {
  return PNG.sync.read(Buffer.from(figure.png));
}

/** Red, green and blue of a pixel, 0 to 255. */
export function pixel(png: PNG, x: number, y: number): number[] {
  return [...png.data.subarray(4 * (y * png.width + x), 4 * (y * png.width + x) + 3)];
}

/** Pixels darker than mid-grey inside a box given in pixels of the figure; `scale` is the PNG's size over the figure's. */
export function darkPixels(png: PNG, [left, top, width, height]: number[], scale = 2): number {
  let count = 0;
  for (let y = top! * scale; y < (top! + height!) * scale; y++) {
    for (let x = left! * scale; x < (left! + width!) * scale; x++) {
      if (pixel(png, x, y).every((channel) => channel < 128)) count++;
    }
  }
  return count;
}

/** What holds for every figure: well-formed SVG, a PNG twice its size with its title drawn in it, nothing outside the edges. */
export function expectWholeFigure(figure: Figure): void {
  // The parser refuses XML that is not well-formed.
  const parsed = new Resvg(figure.svg, { font: { loadSystemFonts: false } });
  expect([parsed.width, parsed.height]).toEqual([figure.width, figure.height]);
  expect(figure.svg).not.toMatch(/NaN|undefined|Infinity|zr\d+-(?:c|g)\d/);
  expect(figure.caption).toMatch(/^[A-Z0-9].*\.$/);
  const png = decode(figure);
  expect([png.width, png.height]).toEqual([2 * figure.width, 2 * figure.height]);
  expect(darkPixels(png, [16, 16, Math.min(200, figure.width - 32), 23])).toBeGreaterThan(100);
  expectQuietEdges(png);
}

/** Marks that leave the figure would cross its outermost pixels. */
function expectQuietEdges(png: PNG): void {
  const edge: number[][] = [];
  for (let x = 0; x < png.width; x++) edge.push(pixel(png, x, 0), pixel(png, x, png.height - 1));
  for (let y = 0; y < png.height; y++) edge.push(pixel(png, 0, y), pixel(png, png.width - 1, y));
  expect(edge.filter((colour) => colour.some((channel) => channel !== 255))).toEqual([]);
}

export const CLASS_NAMES = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;
