import type { Box } from '../../kernels/mix.ts';
import type { Philox } from '../../runtime/philox.ts';
import { drawBeta } from './beta.ts';

/** When the target of two mixed images is the class of the smaller one alone. */
export interface RarerLabel {
  /** Training images of each class, [classes]. */
  counts: readonly number[];
  /** How many times as many images the other class must have. */
  kappa: number;
  /** Below which share of the larger class's image in the mixture. */
  tau: number;
}

/** How the images of a batch are mixed with each other: λ is drawn from Beta(alpha, alpha) for each batch. */
export interface Mix {
  kind: 'mixup' | 'cutmix';
  /** Above 0: small ones mix little, 1 mixes in all shares alike. */
  alpha: number;
  /** Remix: labels are not always mixed by the share of the pixels. Default: they are. */
  rarerLabel?: RarerLabel;
}

/** What is drawn for a batch. */
export interface MixDraw {
  /** Share of an image's pixels in the mixture; the rest is its partner's. */
  lambda: number;
  /** Share of an image's label in the target, [B]; the rest is its partner's. λ, but for Remix. */
  labelShares: Float32Array;
  /** Position of each image's partner in the batch, [B]: a random order of the batch. */
  partner: Uint32Array;
  /** Of cutmix: whose pixels are the partner's; λ is then what lies outside, as a share of the image. */
  box?: Box;
}

/**
 * Draws the mixing of a batch.
 *
 * Sources: Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", ICLR 2018; Yun et al., "CutMix: Regularization
 * Strategy to Train Strong Classifiers with Localizable Features", ICCV 2019; Chou et al., "Remix: Rebalanced Mixup", ECCV workshops 2020.
 * labels: of the batch, [B].
 * Throws RangeError for an alpha that is not a number above 0.
 */
export function drawMix(
  { kind, alpha, rarerLabel }: Mix,
  { labels, height, width }: { labels: Uint32Array; height: number; width: number },
  generator: Philox,
): MixDraw {
  const lambda = drawBeta(generator, alpha);
  const partner = generator.shuffle(Uint32Array.from(labels, (_, i) => i));
  const drawn = (share: number) => {
    const labelShares = Float32Array.from(labels, (label, i) =>
      rarerLabel ? labelShare(rarerLabel, share, label, labels[partner[i]]) : share,
    );
    return { lambda: share, labelShares, partner };
  };
  if (kind === 'mixup') return drawn(lambda);
  const side = Math.sqrt(1 - lambda);
  const [top, bottom] = interval(generator.below(height), Math.floor(height * side), height);
  const [left, right] = interval(generator.below(width), Math.floor(width * side), width);
  const outside = 1 - ((bottom - top) * (right - left)) / (height * width);
  return { ...drawn(outside), box: { top, bottom, left, right } };
}

/** The share of an image's own label in the target, where λ of its pixels are left and the rest is of an image of class `other`. */
function labelShare({ counts, kappa, tau }: RarerLabel, lambda: number, own: number, other: number): number {
  if (counts[own] >= kappa * counts[other] && lambda < tau) return 0;
  if (counts[other] >= kappa * counts[own] && 1 - lambda < tau) return 1;
  return lambda;
}

/** `length` pixels about a middle, cut off at the edges of the image. */
function interval(middle: number, length: number, size: number): [number, number] {
  const first = middle - Math.floor(length / 2);
  return [Math.max(0, first), Math.min(size, first + length)];
}
