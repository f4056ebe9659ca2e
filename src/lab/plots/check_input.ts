/*
 * Checks shared by the figures. Each throws one sentence that names the figure and the argument, what was found and what was expected.
 */

/** A list that must hold something. */
export function requireSome(figure: string, argument: string, list: ArrayLike<unknown>): void {
  if (list.length === 0) throw new Error(`${figure}: ${argument} is empty, expected at least one entry.`);
}

/** A list that must be as long as another one. */
export function requireLength(
  figure: string,
  argument: string,
  list: ArrayLike<unknown>,
  expected: number,
  partner: string,
): void {
  if (list.length === expected) return;
  throw new Error(`${figure}: ${argument} has ${list.length} entries, expected ${expected} as ${partner} has.`);
}

/** Finite numbers from `min` to `max`; `meaning` names them ("a probability"). */
export function requireRange(
  figure: string,
  argument: string,
  values: ArrayLike<number>,
  min: number,
  max: number,
  meaning: string,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value >= min && value <= max && Number.isFinite(value)) continue;
    const span = max === Number.POSITIVE_INFINITY ? `at least ${min}` : `from ${min} to ${max}`;
    throw new Error(`${figure}: ${argument}[${i}] is ${value}, expected ${meaning} ${span}.`);
  }
}

/** Whole numbers, 0 or more. */
export function requireCounts(figure: string, argument: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isInteger(value) && value >= 0) continue;
    throw new Error(`${figure}: ${argument}[${i}] is ${value}, expected a whole number, 0 or more.`);
  }
}

/** Fractions from 0 to 1, or NaN where a value is missing; percentages are the usual mistake. */
export function requireFractions(figure: string, argument: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value) || (value >= 0 && value <= 1)) continue;
    throw new Error(
      `${figure}: ${argument}[${i}] is ${value}, expected a fraction from 0 to 1 (or NaN where missing).`,
    );
  }
}
