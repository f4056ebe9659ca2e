import { expect, it } from 'vitest';
import { rungParagraph } from '../../../src/inspect/ladder/rung_paragraph.ts';

const SHADER = `// A kernel.
//
// Rung naive: First
// and second line.
//
// Rung fast: Another, to the end.

// Rung late: no header any more.
`;

it('reads the paragraph of a rung from the header alone', () => {
  expect(rungParagraph(SHADER, 'naive')).toBe('First and second line.');
  expect(rungParagraph(SHADER, 'fast')).toBe('Another, to the end.');
  expect(rungParagraph(SHADER, 'late')).toBeUndefined();
  expect(rungParagraph('fn main() {}', 'naive')).toBeUndefined();
});
