/** Decides which images an epoch of training sees, how often and in which order. */
export interface Sampler {
  /** Draws in an epoch. */
  readonly count: number;
  /**
   * Positions in the source, [count], in the order of training. A pure function of the sampler's seed and of `epoch`, counted from 0, so
   * that a training which is taken up again sees what it would have seen. Throws RangeError for an epoch from 65,536 on.
   */
  epochOrder(epoch: number): Uint32Array;
}

/** What a sampler draws from. */
export interface SampledSet {
  /** [N], each below `classes`. */
  labels: ArrayLike<number>;
  classes: number;
  /** An integer from 0 to 2^53 − 1. */
  seed: number;
  /** Epochs of the training, for a sampler that changes in its course. Default 1. */
  epochs?: number;
}
