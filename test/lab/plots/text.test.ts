import { describe, expect, it } from 'vitest';
import { elide, textWidth, widest, wrap } from '../../../src/lab/plots/text.ts';

describe('textWidth', () => {
  it('adds advance widths and scales with the font size', () => {
    expect(textWidth('0000', 10)).toBeCloseTo((4 * 10 * 1303) / 2048, 10);
    expect(textWidth('automobile', 24)).toBeCloseTo(2 * textWidth('automobile', 12), 10);
  });

  it('measures bold text with the bold font, and a character that the font lacks as an em', () => {
    expect(textWidth('automobile', 12, true)).toBeGreaterThan(1.05 * textWidth('automobile', 12));
    expect(textWidth('国', 12)).toBe(12);
  });

  it('takes the widest of several texts, 0 of none', () => {
    expect(widest(['i', 'W', '0'], 10)).toBe(textWidth('W', 10));
    expect(widest([])).toBe(0);
  });
});

describe('elide', () => {
  it('keeps what fits and shortens the rest to the width', () => {
    expect(elide('truck', 100)).toBe('truck');
    const short = elide('a rather long name of a class', 100);
    expect(short).toMatch(/^a rather .*…$/);
    expect(textWidth(short)).toBeLessThanOrEqual(100);
  });
});

describe('wrap', () => {
  it('breaks at spaces, each line within the width, and loses no word', () => {
    const text = 'Loss and accuracy of all the runs of this experiment';
    const lines = wrap(text, 120);
    expect(lines.length).toBeGreaterThan(1);
    expect(widest(lines)).toBeLessThanOrEqual(120);
    expect(lines.join(' ')).toBe(text);
  });

  it('keeps a percent sign with its number and gives a long word its own line', () => {
    const width = textWidth('predicted automobile, 59');
    expect(wrap('predicted automobile, 59 %', width)).toEqual(['predicted automobile,', '59 %']);
    expect(wrap('a Donaudampfschifffahrtsgesellschaft', 40)).toEqual(['a', 'Donaudampfschifffahrtsgesellschaft']);
  });
});
