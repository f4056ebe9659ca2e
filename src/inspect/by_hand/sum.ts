/** A part of a sum: a product of numbers, and what each is. */
export interface Term {
  /** What the factors are: 'x[0, 3, 4, 1] · w[0, 0, 1, 5]'. */
  label: string;
  factors: number[];
}

/** A number of the device's as the sum that it is. */
export interface ByHand {
  /** What is computed, as a formula of the shaders' form: 'y[h, w, c] = Σ over kh, kw, ci of x[…] · w[…] + b[c]'. */
  formula: string;
  terms: Term[];
  /** In float64. */
  sum: number;
  /** What the device computed. */
  device: number;
  /**
   * What rounding to float32 may make of it: each product and each addition rounds by 2⁻²⁴ at most, to either side, so that of n roundings about √n add
   * up; four times that, as large ones happen.
   */
  bound: number;
  /** A sentence on what is special. */
  note?: string;
}

const ROUNDING = 2 ** -24;

export const productOf = (factors: readonly number[]) => factors.reduce((product, factor) => product * factor, 1);

/** Adds terms up in float64. */
export function byHand(formula: string, terms: Term[], device: number, note?: string): ByHand {
  let [sum, size] = [0, 0];
  for (const { factors } of terms) {
    const product = productOf(factors);
    sum += product;
    size += Math.abs(product);
  }
  const bound = (4 * Math.sqrt(terms.length) + 8) * ROUNDING * (size + Math.abs(device));
  return { formula, terms, sum, device, bound, ...(note && { note }) };
}
