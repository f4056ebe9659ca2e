import { expect, it } from 'vitest';
import { formatTable, percent } from '../../../src/lab/terminal/text_table.ts';

it('formatTable aligns the first column left and the others right', () => {
  const lines = formatTable(
    ['class', 'images'],
    [
      ['cat', 5],
      ['airplane', 5000],
    ],
  ).split('\n');
  expect(lines).toEqual([
    '┌──────────┬────────┐',
    '│ class    │ images │',
    '├──────────┼────────┤',
    '│ cat      │      5 │',
    '│ airplane │   5000 │',
    '└──────────┴────────┘',
  ]);
});

it('percent has one decimal, and a dash where the fraction is not defined', () => {
  expect([0, 0.12345, 1, null].map(percent)).toEqual(['0.0 %', '12.3 %', '100.0 %', '–']);
});
