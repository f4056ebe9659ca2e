import type { Expected } from './exercise.ts';

/** Half a unit in the last place of a float32 number: the relative error of one rounding. */
export const HALF_ULP = 2 ** -24;

/**
 * A sum in float64, with a bound of what float32 may make of it in any order: K + 4 roundings, K the number of terms, of the sum of the terms' sizes
 * (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 4.2), twice.
 */
export class BoundedSum {
  value = 0;
  /** Σ |term|. */
  size = 0;
  terms = 0;

  add(term: number): void {
    this.value += term;
    this.size += Math.abs(term);
    this.terms++;
  }

  get allowed(): number {
    return 2 * (this.terms + 4) * HALF_ULP * this.size;
  }
}

/** Expected elements, one after the other: of a sum with its bound, or of a number with its relative error in units of `HALF_ULP`. */
export function expectEach(count: number, element: (i: number) => BoundedSum | readonly [number, number]): Expected {
  const expected = { values: new Float64Array(count), allowed: new Float64Array(count) };
  for (let i = 0; i < count; i++) {
    const found = element(i);
    const [value, allowed] =
      found instanceof BoundedSum ? [found.value, found.allowed] : [found[0], found[1] * HALF_ULP * Math.abs(found[0])];
    expected.values[i] = value;
    expected.allowed[i] = allowed;
  }
  return expected;
}
