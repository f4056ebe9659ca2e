import { describe, expect, it } from 'vitest';
import { patternOf } from '../../src/learn/compare.ts';
import { type CaseArray, indexOf, nameOf, sizeOf } from '../../src/learn/exercise.ts';

const shape = [2, 4, 5, 3];
const size = sizeOf(shape);
const values = Float64Array.from({ length: size }, (_, i) => 1 + ((7 * i) % 13));
const array: CaseArray = { axes: 'n, h, w, c', shape, expected: { values, allowed: new Float64Array(size) } };

/** The pattern where the elements that `isWrong` picks hold `found` instead. */
function pattern(
  isWrong: (index: number[], i: number) => boolean,
  found = (value: number, i: number) => value + 0.1 * (1 + ((i * i) % 11)),
  perWorkgroup?: number,
) {
  const held = Float64Array.from(values);
  const wrong: number[] = [];
  for (let i = 0; i < size; i++) {
    if (!isWrong(indexOf(shape, i), i)) continue;
    wrong.push(i);
    held[i] = found(values[i], i);
  }
  return patternOf(array, wrong, held, perWorkgroup);
}

describe('what wrong elements have in common', () => {
  it.each([
    ['all', 'all of them', pattern(() => true)],
    ['last-of-axis', 'only where w is 4, the last', pattern(([, , w]) => w === 4)],
    ['first-of-axis', 'only where n is 0, the first', pattern(([n, , w]) => n === 0 && w > 0)],
    ['border', 'only at the border of the image', pattern(([, h, w]) => h === 0 || h === 3 || w === 0 || w === 4)],
    [
      'beyond-first-workgroup',
      'only from element 64 on, beyond the first workgroup',
      pattern((_, i) => i >= 64, undefined, 64),
    ],
    ['every-other', 'only where h is 1, 3 and so on', pattern(([, h]) => h % 2 === 1)],
    ['tail', 'only at the end of the array', pattern((_, i) => i >= size - 2 || i === size - 4)],
    ['scattered', 'in no plain pattern', pattern((_, i) => i % 7 === 3)],
    [
      'negated',
      'each has the wrong sign',
      pattern(
        () => true,
        (v) => -v,
      ),
    ],
    [
      'factor',
      'each is 3 times what is expected',
      pattern(
        () => true,
        (v) => 3 * v,
      ),
    ],
    [
      'factor',
      'each is 0',
      pattern(
        () => true,
        () => 0,
      ),
    ],
    [
      'shifted',
      'each is off by 0.5',
      pattern(
        () => true,
        (v) => v + 0.5,
      ),
    ],
    [
      'not-a-number',
      'each is NaN, no number',
      pattern(
        () => true,
        () => Number.NaN,
      ),
    ],
    [
      'last-of-axis',
      'only where c is 2, the last; each is 0',
      pattern(
        ([, , , c]) => c === 2,
        () => 0,
      ),
    ],
  ])('%s: %s', (meaning, text, found) => {
    expect(found).toEqual({ meaning, pattern: text });
  });
});

it('names an element by its index', () => {
  expect(nameOf('dx', array, 64)).toBe('dx[n, h, w, c] = dx[1, 0, 1, 1]');
  expect(nameOf('y', { axes: 'i', shape: [9] }, 5)).toBe('y[5]');
});
