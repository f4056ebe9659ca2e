import type { Philox } from '../../runtime/philox.ts';

/**
 * Draws positions with probabilities in proportion to their weights, in constant time each: position i is kept where a uniform number lies
 * below keep[i], and else gives way to alias[i].
 *
 * Source: Vose, "A linear algorithm for generating random numbers with a given distribution", IEEE Transactions on Software Engineering 17(9), 1991.
 */
export class AliasTable {
  #keep: Float64Array;
  #alias: Uint32Array;

  /** weights: [N]. Throws RangeError for a weight that is negative or not finite, and where none is above 0. */
  constructor(weights: ArrayLike<number>) {
    const count = weights.length;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      if (!(weights[i] >= 0 && Number.isFinite(weights[i]))) {
        throw new RangeError(`Weighted draws: a weight must be a number from 0; weight ${i} is ${weights[i]}.`);
      }
      sum += weights[i];
    }
    if (!(sum > 0 && Number.isFinite(sum))) {
      throw new RangeError(`Weighted draws: the weights must have a sum above 0; it is ${sum} for ${count} of them.`);
    }
    const share = Float64Array.from(weights, (weight) => (weight * count) / sum);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < count; i++) (share[i] < 1 ? small : large).push(i);
    this.#keep = new Float64Array(count).fill(1);
    this.#alias = Uint32Array.from({ length: count }, (_, i) => i);
    while (small.length > 0 && large.length > 0) {
      const less = small.pop()!;
      const more = large[large.length - 1];
      this.#keep[less] = share[less];
      this.#alias[less] = more;
      share[more] -= 1 - share[less];
      if (share[more] < 1) small.push(large.pop()!);
    }
    // What rounding left over in `small` has a share of 1 but for an ulp, unless its weight is 0: that may not be drawn.
    const heaviest = large[0] ?? share.reduce((best, value, i) => (value > share[best] ? i : best), 0);
    for (const i of small) {
      if (weights[i] === 0) {
        this.#keep[i] = 0;
        this.#alias[i] = heaviest;
      }
    }
  }

  /** The next position. */
  draw(generator: Philox): number {
    const i = generator.below(this.#keep.length);
    return generator.uniform() < this.#keep[i] ? i : this.#alias[i];
  }
}
