import type { Reduction } from '../../autograd/ops/softmax_loss.ts';
import { checkCounts, classWeights } from './class_weights.ts';
import { checkBetween, SoftmaxLoss } from './softmax_loss.ts';

/** Settings of `LDAMLoss`. */
export interface LDAMLossOptions {
  /** Margin of the rarest class. Default 0.5. */
  maxMargin?: number;
  /** Factor of the logits after the margin, the paper's s. Default 30. */
  scale?: number;
  /** Factor of each class, [C], until re-weighting starts. Default: none. */
  weight?: readonly number[];
  /** Epoch, counted from 0, from which classes are weighted by their effective number. Default: never. */
  reweightFrom?: number;
  /** Of the effective number. Default 0.9999. */
  beta?: number;
  /** A mean divides by the weights of the labels, as CrossEntropyLoss's. Default 'mean'. */
  reduction?: Reduction;
}

/**
 * Label-distribution-aware margins: cross-entropy of scale · (x − Δ[y] at the label y), where the margin Δ[c] ∝ n[c]^(−1/4) is largest for
 * the rarest class. Deferred re-weighting: from an epoch on, told by `setEpoch` or `startReweighting`, classes are also weighted by their
 * effective number, once the features are learned. With soft targets a margin counts by its class's probability.
 *
 * The paper takes logits from a last layer whose weights and inputs are of length 1, hence the scale.
 * counts: training samples of each class; a class without any gets the largest margin.
 * Throws RangeError for counts or options out of range, and see `Loss`.
 * Source: Cao et al., "Learning imbalanced datasets with label-distribution-aware margin loss", NeurIPS 2019.
 */
export class LDAMLoss extends SoftmaxLoss {
  readonly #effective: readonly number[];
  #started = false;

  constructor(counts: readonly number[], options: LDAMLossOptions = {}) {
    const { maxMargin = 0.5, scale = 30, weight, beta = 0.9999, reduction = 'mean' } = options;
    const { reweightFrom = Number.POSITIVE_INFINITY } = options;
    checkCounts('LDAMLoss', counts);
    checkBetween('LDAMLoss: maxMargin', maxMargin, 0);
    checkBetween('LDAMLoss: scale', scale, 0);
    const rarest = Math.min(...counts.filter((n) => n > 0));
    const margin = counts.map((n) => maxMargin * (n > 0 ? (rarest / n) ** 0.25 : 1));
    // With weights 1 both means are the same, so the mean may always divide by weights.
    const effective = classWeights(counts, 'effective-number', { beta });
    const deferred = { weight: effective, from: reweightFrom };
    super({ margin, scale, weight, deferred, reduction, meanOver: 'weights' });
    this.#effective = effective;
  }

  override setEpoch(epoch: number): void {
    if (!this.#started) super.setEpoch(epoch);
  }

  /** Weights the classes from now on, whatever the epoch, by their effective number or as given, [C]. */
  startReweighting(weight: readonly number[] = this.#effective): void {
    this.#started = true;
    this.setClassWeights(weight);
  }
}
