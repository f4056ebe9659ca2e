/** What is drawn for synthetic samples: of each its base, which of the base's neighbours it goes towards, and how far. */
export interface SmoteDraws {
  /** Positions of the bases, [M]. */
  base: Uint32Array;
  /** Positions of the neighbours, [M]. */
  neighbour: Uint32Array;
  /** From 0, the base, to 1, the neighbour, [M]. */
  step: Float64Array;
}

/**
 * SMOTE's synthetic samples: x + step · (neighbour − x), in float64, then rounded to the kind of number that `into` holds (bytes to the
 * nearest). values: [N, dimensions]; into: [M, dimensions].
 *
 * Source: Chawla, Bowyer, Hall, Kegelmeyer, "SMOTE: Synthetic Minority Over-sampling Technique", JAIR 16, 2002.
 */
export function synthesize(
  values: Float32Array,
  dimensions: number,
  { base, neighbour, step }: SmoteDraws,
  into: Float32Array | Uint8Array,
): void {
  // Storing to bytes cuts the fraction off.
  const half = into instanceof Uint8Array ? 0.5 : 0;
  let to = 0;
  for (let sample = 0; sample < base.length; sample++) {
    const from = base[sample] * dimensions;
    const towards = neighbour[sample] * dimensions;
    for (let i = 0; i < dimensions; i++, to++) {
      into[to] = values[from + i] + step[sample] * (values[towards + i] - values[from + i]) + half;
    }
  }
}
