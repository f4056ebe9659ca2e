import type { Philox } from '../../runtime/philox.ts';

/**
 * A number of the distribution Beta(alpha, alpha): symmetric about ½, with variance 1 / (8 · alpha + 4).
 * Throws RangeError for an alpha that is not a number above 0.
 */
export function drawBeta(generator: Philox, alpha: number): number {
  if (!(alpha > 0 && Number.isFinite(alpha)))
    throw new RangeError(`Beta: alpha must be a number above 0, not ${alpha}.`);
  const a = drawLogGamma(generator, alpha);
  const b = drawLogGamma(generator, alpha);
  // x / (x + y) by the logarithms, as for small alpha both may be too small for a float64.
  return 1 / (1 + Math.exp(b - a));
}

/**
 * The logarithm of a number of the distribution Gamma(shape, 1).
 *
 * Source: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26(3), 2000; for a shape below 1 by its section 6.
 */
function drawLogGamma(generator: Philox, shape: number): number {
  if (shape < 1) return drawLogGamma(generator, shape + 1) + Math.log(1 - generator.uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = generator.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - generator.uniform();
    if (Math.log(u) < (x * x) / 2 + d - d * v + d * Math.log(v)) return Math.log(d) + Math.log(v);
  }
}
