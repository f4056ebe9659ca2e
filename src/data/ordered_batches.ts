interface BatchOptions {
  batchSize: number;
  /** Start at this batch, as a training that is taken up again does. Default 0. */
  firstStep?: number;
}

/** Batches in one epoch of `count` samples. */
export function stepsPerEpoch({ count, batchSize }: { count: number; batchSize: number }): number {
  return Math.ceil(count / batchSize);
}

/**
 * An epoch's order, as a sampler gives it, cut into batches.
 *
 * Yields a Uint32Array of batchSize positions, or fewer in the last batch, each in a buffer of its own.
 * @throws RangeError for numbers that are not whole or out of range.
 */
export function orderedBatches(
  order: Uint32Array,
  { batchSize, firstStep = 0 }: BatchOptions,
): Generator<Uint32Array, void> {
  checkWhole('batchSize', batchSize, 1);
  checkWhole('firstStep', firstStep, 0);
  return cut(order, batchSize, firstStep);
}

function* cut(order: Uint32Array, batchSize: number, firstStep: number): Generator<Uint32Array, void> {
  const steps = stepsPerEpoch({ count: order.length, batchSize });
  for (let step = firstStep; step < steps; step++) yield order.slice(step * batchSize, (step + 1) * batchSize);
}

function checkWhole(name: string, value: number, least: number): void {
  const most = 2 ** 32 - 1;
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`orderedBatches: ${name} must be a whole number from ${least} to ${most}, not ${value}.`);
  }
}
