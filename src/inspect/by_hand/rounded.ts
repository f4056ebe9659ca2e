/** A number in float64, and how far float32 arithmetic may come to lie from it. */
export interface Rounded {
  value: number;
  error: number;
}

/** Of an operation, twice what IEEE 754 allows: drivers may be somewhat less exact. */
const ROUNDING = 2 ** -23;

const made = (value: number, error: number, rounding = ROUNDING): Rounded => ({
  value,
  error: error + rounding * Math.abs(value),
});

/** A number that the device holds as it is. */
export const exact = (value: number): Rounded => ({ value, error: 0 });

/** A number that is rounded once, such as a hyperparameter. */
export const constant = (value: number): Rounded => made(value, 0);

export function plus(...terms: Rounded[]): Rounded {
  return terms.reduce((a, b) => made(a.value + b.value, a.error + b.error));
}

export function minus(a: Rounded, b: Rounded): Rounded {
  return made(a.value - b.value, a.error + b.error);
}

export function times(...factors: Rounded[]): Rounded {
  return factors.reduce((a, b) =>
    made(a.value * b.value, Math.abs(a.value) * b.error + Math.abs(b.value) * a.error + a.error * b.error),
  );
}

/** WGSL allows a quotient 2.5 units in the last place. */
export function over(a: Rounded, b: Rounded): Rounded {
  const value = a.value / b.value;
  return made(
    value,
    (a.error + Math.abs(value) * b.error) / Math.max(Math.abs(b.value) - b.error, 1e-30),
    3 * ROUNDING,
  );
}

export function root(a: Rounded): Rounded {
  const value = Math.sqrt(a.value);
  // Near 0 an error is no small part of the number any more.
  const error = value > 0 ? Math.min(a.error / (2 * value), Math.sqrt(a.error)) : Math.sqrt(a.error);
  return made(value, error, 3 * ROUNDING);
}
