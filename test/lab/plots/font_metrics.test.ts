import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readFontMetrics } from '../../../src/lab/plots/font_metrics.ts';
import { FONT_FILES } from '../../../src/lab/plots/text.ts';

// Advance widths in DejaVu Sans, in its 2048 units per em, as the font's own tables list them.
const ADVANCES: [string, number][] = [
  [' ', 651],
  ['i', 569],
  ['W', 2025],
  ['0', 1303],
  ['–', 1024],
];

describe('readFontMetrics', () => {
  const file = readFileSync(FONT_FILES.regular);
  const metrics = readFontMetrics(file);

  it.each(ADVANCES)('reads the advance width of %j', (character, units) => {
    expect(metrics.advance(character.codePointAt(0)!)).toBe(units / 2048);
  });

  it('knows characters beyond the first 65,536 and those that the font lacks', () => {
    expect(metrics.advance(0x1d538)).toBeGreaterThan(0.5);
    expect(metrics.advance('国'.codePointAt(0)!)).toBeUndefined();
  });

  it('names the table that a file lacks', () => {
    expect(() => readFontMetrics(new Uint8Array(64))).toThrow("no 'head' table");
  });
});
