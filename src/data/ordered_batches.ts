interface BatchOptions {
  batchSize: number;
  /** Start at this batch, as a training that is taken up again does. Default 0. */
  firstStep?: number;
  /** Stop before a last batch that is smaller than the others. Default false. */
  dropLast?: boolean;
}

/**
 * An epoch's order, as a sampler gives it, cut into batches.
 *
 * Yields a Uint32Array of batchSize positions, or fewer in the last batch unless `dropLast`, each in a buffer of its own.
 * @throws RangeError for numbers that are not whole or out of range.
 */
export function orderedBatches(
  order: Uint32Array,
  { batchSize, firstStep = 0, dropLast = false }: BatchOptions,
): Generator<Uint32Array, void> {
  checkWhole('batchSize', batchSize, 1);
  checkWhole('firstStep', firstStep, 0);
  const whole = Math.floor(order.length / batchSize) * batchSize;
  return cut(dropLast ? order.subarray(0, whole) : order, batchSize, firstStep);
}

function* cut(order: Uint32Array, batchSize: number, firstStep: number): Generator<Uint32Array, void> {
  const steps = Math.ceil(order.length / batchSize);
  for (let step = firstStep; step < steps; step++) yield order.slice(step * batchSize, (step + 1) * batchSize);
}

function checkWhole(name: string, value: number, least: number): void {
  const most = 2 ** 32 - 1;
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`orderedBatches: ${name} must be a whole number from ${least} to ${most}, not ${value}.`);
  }
}
