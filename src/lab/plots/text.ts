import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type FontMetrics, readFontMetrics } from './font_metrics.ts';
import { FONT_SIZE } from './style.ts';

const fontFolder = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');

/** The bundled fonts: figures need none from the machine. */
export const FONT_FILES = {
  regular: join(fontFolder, 'DejaVuSans.ttf'),
  bold: join(fontFolder, 'DejaVuSans-Bold.ttf'),
} as const;

const metrics = new Map<string, FontMetrics>();

function metricsOf(bold: boolean): FontMetrics {
  const path = bold ? FONT_FILES.bold : FONT_FILES.regular;
  let font = metrics.get(path);
  if (!font) {
    font = readFontMetrics(readFileSync(path));
    metrics.set(path, font);
  }
  return font;
}

/** Width in pixels of one line of text in DejaVu Sans. A character the font lacks counts as a full em. */
export function textWidth(text: string, fontSize: number = FONT_SIZE.label, bold = false): number {
  const font = metricsOf(bold);
  let em = 0;
  for (const character of text) em += font.advance(character.codePointAt(0)!) ?? 1;
  return em * fontSize;
}

/** The widest of several lines, in pixels; 0 for none. */
export function widest(texts: readonly string[], fontSize: number = FONT_SIZE.label, bold = false): number {
  return texts.reduce((width, text) => Math.max(width, textWidth(text, fontSize, bold)), 0);
}

/** The text, or its longest beginning followed by an ellipsis that is at most `maxWidth` pixels wide. */
export function elide(text: string, maxWidth: number, fontSize: number = FONT_SIZE.label): string {
  if (textWidth(text, fontSize) <= maxWidth) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(`${characters.join('').trimEnd()}…`, fontSize) > maxWidth) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

/**
 * Breaks a text at spaces into lines at most `maxWidth` pixels wide; a single longer word keeps a line of its own, and a percent sign
 * stays with its number.
 */
export function wrap(text: string, maxWidth: number, fontSize: number = FONT_SIZE.label, bold = false): string[] {
  const lines: string[] = [];
  for (const word of text.split(/[ \t\n]+(?!%)/).filter(Boolean)) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && textWidth(longer, fontSize, bold) <= maxWidth) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
