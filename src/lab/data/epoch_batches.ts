import { Philox } from '../../kernels/philox.ts';
import { EPOCH_ORDER_STREAM, STREAMS_PER_USE } from './random_streams.ts';

export interface EpochOptions {
  /** Samples in the set. */
  count: number;
  batchSize: number;
  seed: number;
  /** From 0. */
  epoch: number;
  /** False: in the set's own order. */
  shuffle: boolean;
  /** Leave out a last batch that is not full. Default false. */
  dropLast?: boolean;
  /** Start at this batch, as a training that is taken up again does. Default 0. */
  firstStep?: number;
}

/** Batches in one epoch. */
export function stepsPerEpoch({
  count,
  batchSize,
  dropLast = false,
}: Pick<EpochOptions, 'count' | 'batchSize' | 'dropLast'>): number {
  return dropLast ? Math.floor(count / batchSize) : Math.ceil(count / batchSize);
}

/**
 * An epoch's order, as a sampler gives it, cut into batches from `firstStep` on (default 0).
 *
 * Yields a Uint32Array of batchSize positions, or fewer in the last batch.
 * @throws RangeError for numbers that are not whole or out of range.
 */
export function orderedBatches(
  order: Uint32Array,
  { batchSize, firstStep = 0 }: Pick<EpochOptions, 'batchSize' | 'firstStep'>,
): Generator<Uint32Array, void> {
  checkWhole('batchSize', batchSize, 1, 2 ** 32 - 1);
  checkWhole('firstStep', firstStep, 0, 2 ** 32 - 1);
  return cut(order, batchSize, firstStep, stepsPerEpoch({ count: order.length, batchSize }));
}

/**
 * One epoch as batches of positions in the set, each sample once. The order depends on `count`, `seed` and `epoch` alone, whatever was
 * drawn before, so (epoch, step) says all about where a training stands.
 *
 * Yields a Uint32Array of batchSize positions, or fewer in the last batch.
 * @throws RangeError for numbers that are not whole or out of range.
 */
export function epochBatches(options: EpochOptions): Generator<Uint32Array, void> {
  const { count, batchSize, seed, epoch, shuffle, firstStep = 0 } = options;
  checkWhole('count', count, 0, 2 ** 32 - 1);
  checkWhole('batchSize', batchSize, 1, 2 ** 32 - 1);
  checkWhole('epoch', epoch, 0, STREAMS_PER_USE - 1);
  checkWhole('firstStep', firstStep, 0, 2 ** 32 - 1);
  const order = Uint32Array.from({ length: count }, (_, position) => position);
  if (shuffle) new Philox(seed, EPOCH_ORDER_STREAM + epoch).shuffle(order);
  return cut(order, batchSize, firstStep, stepsPerEpoch(options));
}

function* cut(order: Uint32Array, batchSize: number, firstStep: number, steps: number): Generator<Uint32Array, void> {
  for (let step = firstStep; step < steps; step++) yield order.slice(step * batchSize, (step + 1) * batchSize);
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`epochBatches: ${name} must be a whole number from ${least} to ${most}, not ${value}.`);
  }
}
