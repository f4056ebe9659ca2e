import { type CaseArray, indexOf, type Meaning } from './exercise.ts';
import { type ArrayAfter, wordsOf } from './run_case.ts';

/** The wrong elements of an array. */
export interface Mismatch {
  array: string;
  /** The first of them. */
  element: number;
  expected: number;
  found: number;
  wrong: number;
  of: number;
  /** Where they lie, or what they have in common, in words: `only where w is 6, the last`. */
  pattern: string;
  meaning: Meaning;
}

/** Elements that hold what they held before, where another value is expected. */
export interface Unwritten {
  array: string;
  element: number;
  count: number;
  of: number;
}

/** Compares an array with what must be in it. perWorkgroup: elements that a workgroup fills, where the kernel numbers its work from 0. */
export function compareArray(
  array: string,
  declared: CaseArray,
  after: ArrayAfter,
  perWorkgroup: number | undefined,
): { unwritten?: Unwritten; mismatch?: Mismatch } {
  const { expected } = declared;
  if (expected === undefined) return {};
  const { values, allowed } = expected;
  const before = wordsOf(declared);
  const wrong: number[] = [];
  const untouched: number[] = [];
  values.forEach((value, i) => {
    if (Math.abs(after.values[i] - value) <= allowed[i]) return;
    if (after.words[i] === before[i]) untouched.push(i);
    else wrong.push(i);
  });
  const of = values.length;
  const [element] = wrong;
  return {
    ...(untouched.length > 0 && { unwritten: { array, element: untouched[0], count: untouched.length, of } }),
    ...(wrong.length > 0 && {
      mismatch: {
        ...{ array, element, expected: values[element], found: after.values[element], wrong: wrong.length, of },
        ...patternOf(declared, wrong, after.values, perWorkgroup),
      },
    }),
  };
}

type Pattern = Pick<Mismatch, 'pattern' | 'meaning'>;

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-3 * Math.max(Math.abs(a), Math.abs(b));

/** What the wrong elements have in common: in their values, else in their places. */
export function patternOf(
  declared: CaseArray,
  wrong: readonly number[],
  found: ArrayLike<number>,
  perWorkgroup: number | undefined,
): Pattern {
  const expected = declared.expected?.values ?? new Float64Array();
  const place = placeOf(declared, wrong, perWorkgroup);
  const value = likenessOf(wrong, expected, found);
  if (value === undefined) return place;
  // The place says more where only some are wrong, and is told beside what the values have in common.
  return place.meaning === 'all'
    ? value
    : {
        pattern: `${place.pattern}; ${value.pattern}`,
        meaning: place.meaning === 'scattered' ? value.meaning : place.meaning,
      };
}

function likenessOf(wrong: readonly number[], expected: Float64Array, found: ArrayLike<number>): Pattern | undefined {
  if (wrong.every((i) => Number.isNaN(found[i]))) return { pattern: 'each is NaN, no number', meaning: 'not-a-number' };
  if (wrong.length < 3 || wrong.some((i) => !Number.isFinite(found[i]))) return undefined;
  if (wrong.every((i) => found[i] === 0)) return { pattern: 'each is 0', meaning: 'factor' };
  if (wrong.every((i) => near(found[i], -expected[i])))
    return { pattern: 'each has the wrong sign', meaning: 'negated' };
  const [first] = wrong;
  const factor = found[first] / expected[first];
  if (factor !== 0 && wrong.every((i) => near(found[i], factor * expected[i]))) {
    return { pattern: `each is ${Number(factor.toPrecision(4))} times what is expected`, meaning: 'factor' };
  }
  const shift = found[first] - expected[first];
  if (wrong.every((i) => near(found[i] - expected[i], shift))) {
    return { pattern: `each is off by ${Number(shift.toPrecision(4))}`, meaning: 'shifted' };
  }
  return undefined;
}

/** Axes that run over pixels. */
const PIXELS = /^[io]?[hw]$/;

function placeOf(
  { axes, shape, expected }: CaseArray,
  wrong: readonly number[],
  perWorkgroup: number | undefined,
): Pattern {
  const count = expected?.values.length ?? 0;
  if (wrong.length === count) return { pattern: 'all of them', meaning: 'all' };
  if (wrong[0] >= count - 4 && count >= 16) return { pattern: 'only at the end of the array', meaning: 'tail' };
  const beyond: Pattern = {
    pattern: `only from element ${wrong[0]} on, beyond the first workgroup`,
    meaning: 'beyond-first-workgroup',
  };
  if (wrong[0] === perWorkgroup && 2 * wrong.length > count - perWorkgroup) return beyond;
  const names = axes.split(', ');
  const indices = wrong.map((i) => indexOf(shape, i));
  for (const [d, name] of names.entries()) {
    const [{ [d]: first }] = indices;
    if (shape[d] < 2 || shape.length === 1 || !indices.every((index) => index[d] === first)) continue;
    if (first === shape[d] - 1) return { pattern: `only where ${name} is ${first}, the last`, meaning: 'last-of-axis' };
    if (first === 0) return { pattern: `only where ${name} is 0, the first`, meaning: 'first-of-axis' };
    if (wrong.length > 1) return { pattern: `only where ${name} is ${first}`, meaning: 'scattered' };
  }
  const pixels = [...names.keys()].filter((d) => PIXELS.test(names[d]));
  if (pixels.length > 0 && indices.every((index) => pixels.some((d) => index[d] === 0 || index[d] === shape[d] - 1))) {
    return { pattern: 'only at the border of the image', meaning: 'border' };
  }
  if (
    perWorkgroup !== undefined &&
    perWorkgroup < count &&
    wrong[0] >= perWorkgroup &&
    2 * wrong.length > count - perWorkgroup
  ) {
    return beyond;
  }
  for (const [d, name] of names.entries()) {
    const [{ [d]: first }] = indices;
    const period = [4, 3, 2].find((p) => shape[d] >= 2 * p && indices.every((index) => index[d] % p === first % p));
    if (period === undefined || wrong.length < 3) continue;
    const from = first % period;
    return { pattern: `only where ${name} is ${from}, ${from + period} and so on`, meaning: 'every-other' };
  }
  return { pattern: 'in no plain pattern', meaning: 'scattered' };
}
