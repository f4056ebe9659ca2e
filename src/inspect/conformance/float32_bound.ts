/** The unit roundoff of float32: a rounding changes a number by at most so much of it. */
const ROUNDOFF = 2 ** -24;

/** As much of half precision, of numbers from 2⁻¹⁴ on; below they are whole multiples of 2⁻²⁴. */
export const HALF_ROUNDOFF = { relative: 2 ** -11, absolute: 2 ** -25 };

/** Roundings that a kernel may add to those of its sum, where a case says nothing else: of a product, a factor, a bias and the like. */
const BESIDES = 8;

/** Standard deviations of a sum's error: of ten thousand sums hardly one is beyond. */
const DEVIATIONS = 4;

/**
 * What float32 may make of a sum, relative to the sum of its terms' magnitudes. In whatever order n terms are added, their roundings are independent
 * and of mean 0, so that their sum grows like √n, not like n (Higham & Mary, A New Approach to Probabilistic Rounding Error Analysis, SIAM J. Sci.
 * Comput. 41(5), 2019, theorem 3.1: λ·√n·u holds with probability 1 − 2·exp(−λ²/2)).
 *
 * @param terms numbers that are added up
 * @param besides roundings besides: WGSL lets exp, log and the like err by several
 */
export function float32Bound(terms: number, besides = BESIDES): number {
  return (DEVIATIONS * Math.sqrt(terms) + besides) * ROUNDOFF;
}
