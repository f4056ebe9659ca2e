import {
  classTerms,
  type Reduction,
  type SoftmaxLossOptions,
  softmaxLoss,
  type Targets,
} from '../../autograd/ops/softmax_loss.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { Loss } from './loss.ts';

/** What a loss is made of; see `softmaxLoss`. */
export interface SoftmaxLossParts extends Omit<SoftmaxLossOptions, 'terms' | 'reduction'> {
  /** Of all classes alike, or [C]. */
  weight?: number | readonly number[];
  /** Other factors from an epoch on, counted from 0: deferred re-weighting, as `setEpoch` says. */
  deferred?: { weight: readonly number[]; from: number };
  /** [C] */
  logPrior?: readonly number[];
  /** [C] */
  margin?: readonly number[];
  reduction: Reduction;
}

/** Throws RangeError where a number of a loss lies outside `low` … `high`. */
export function checkBetween(what: string, value: number, low: number, high = Number.POSITIVE_INFINITY): void {
  if (value >= low && value <= high && Number.isFinite(value)) return;
  const range = high === Number.POSITIVE_INFINITY ? `a number from ${low}` : `from ${low} to ${high}`;
  throw new RangeError(`${what} must be ${range}, not ${value}.`);
}

/**
 * A loss that is `softmaxLoss` with terms of its own, which it uploads when it first meets logits. Its factors of the classes may be deferred: others
 * hold from an epoch on, once the features are learned.
 * Source of the deferral: Cao et al., "Learning imbalanced datasets with label-distribution-aware margin loss", NeurIPS 2019 (DRW).
 */
export abstract class SoftmaxLoss implements Loss {
  readonly reduction: Reduction;
  #parts: SoftmaxLossParts;
  /** The factors before any that are deferred. */
  readonly #first: SoftmaxLossParts['weight'];
  #terms: Tensor | undefined;

  protected constructor(parts: SoftmaxLossParts) {
    this.reduction = parts.reduction;
    this.#parts = parts;
    this.#first = parts.weight;
    this.setClassWeights(parts.weight);
  }

  /** Factors of the classes, as in `classWeights`; undefined where all weigh 1. */
  get weight(): number | readonly number[] | undefined {
    return this.#parts.weight;
  }

  /** Weights the classes as is meant for this epoch, counted from 0. */
  setEpoch(epoch: number): void {
    const { deferred } = this.#parts;
    if (deferred) this.setClassWeights(epoch >= deferred.from ? deferred.weight : this.#first);
  }

  /** Changes the factors of the classes from the next call on. Throws RangeError for one that is negative or not finite. */
  protected setClassWeights(weight: number | readonly number[] | undefined): void {
    if (weight === this.weight && this.#terms) return;
    const weights = typeof weight === 'object' ? weight : [weight ?? 1];
    for (const [c, value] of weights.entries()) {
      checkBetween(`${this.constructor.name}: the weight${weights === weight ? ` of class ${c}` : ''}`, value, 0);
    }
    this.#parts = { ...this.#parts, weight };
    this.#terms = undefined;
  }

  call(logits: Tensor, targets: Targets): Tensor {
    const { labelSmoothing, gamma, scale, meanOver, ignoreIndex, reduction } = this.#parts;
    return logits.gpu.scope(() => {
      const terms = this.#termsFor(logits);
      return softmaxLoss(logits, targets, { terms, labelSmoothing, gamma, scale, meanOver, ignoreIndex, reduction });
    });
  }

  #termsFor({ gpu, shape }: Tensor): Tensor {
    const classes = shape[shape.length - 1];
    if (this.#terms?.gpu === gpu && this.#terms.shape[0] === classes) return this.#terms;
    const { weight, logPrior, margin } = this.#parts;
    const known = [weight, logPrior, margin].find((values) => typeof values === 'object')?.length ?? classes;
    if (known !== classes) {
      throw new ShapeError(`${this.constructor.name}: was made for ${known} classes; the logits are [${shape}].`);
    }
    const weights = typeof weight === 'number' ? new Array<number>(classes).fill(weight) : weight;
    this.#terms = gpu.unscoped(() => classTerms(gpu, classes, { weight: weights, logPrior, margin }));
    return this.#terms;
  }
}
