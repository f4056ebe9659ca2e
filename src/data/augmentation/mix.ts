import type { Box } from '../../kernels/mix.ts';
import type { Philox } from '../../runtime/philox.ts';
import { drawBeta } from './beta.ts';

/** How the images of a batch are mixed with each other: λ is drawn from Beta(alpha, alpha) for each batch. */
export interface Mix {
  kind: 'mixup' | 'cutmix';
  /** Above 0: small ones mix little, 1 mixes in all shares alike. */
  alpha: number;
}

/** What is drawn for a batch. */
export interface MixDraw {
  /** Share of an image in the target; the rest is its partner's. */
  lambda: number;
  /** Position of each image's partner in the batch, [B]: a random order of the batch. */
  partner: Uint32Array;
  /** Of cutmix: whose pixels are the partner's; λ is then what lies outside, as a share of the image. */
  box?: Box;
}

/**
 * Draws the mixing of a batch.
 *
 * Sources: Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", ICLR 2018; Yun et al., "CutMix: Regularization
 * Strategy to Train Strong Classifiers with Localizable Features", ICCV 2019.
 * Throws RangeError for an alpha that is not a number above 0.
 */
export function drawMix(
  { kind, alpha }: Mix,
  { count, height, width }: { count: number; height: number; width: number },
  generator: Philox,
): MixDraw {
  const lambda = drawBeta(generator, alpha);
  const partner = generator.shuffle(Uint32Array.from({ length: count }, (_, i) => i));
  if (kind === 'mixup') return { lambda, partner };
  const side = Math.sqrt(1 - lambda);
  const [top, bottom] = interval(generator.below(height), Math.floor(height * side), height);
  const [left, right] = interval(generator.below(width), Math.floor(width * side), width);
  const outside = 1 - ((bottom - top) * (right - left)) / (height * width);
  return { lambda: outside, partner, box: { top, bottom, left, right } };
}

/** `length` pixels about a middle, cut off at the edges of the image. */
function interval(middle: number, length: number, size: number): [number, number] {
  const first = middle - Math.floor(length / 2);
  return [Math.max(0, first), Math.min(size, first + length)];
}
