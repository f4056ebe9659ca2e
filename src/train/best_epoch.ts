import type { HostTensor } from '../nn/weights/host_tensor.ts';
import type { EpochRecord, ValidationRecord } from './epoch_record.ts';

/** Which epoch's weights a training keeps. */
export const KEPT = ['best', 'last'] as const;

/** What on the validation images an epoch can be the best by. */
export const WATCHED = ['loss', 'accuracy', 'balanced-accuracy', 'macro-f1'] as const;
/** What on the validation images an epoch can be the best by. */
export type Watched = (typeof WATCHED)[number];

/** Where some classes are rare, accuracy hardly sees them. */
export const DEFAULT_WATCHED: Watched = 'balanced-accuracy';

/** How a training chooses among its epochs. */
export interface EpochChoice {
  /** Default 'last'. */
  keep?: (typeof KEPT)[number];
  /** Default 'balanced-accuracy'. */
  by?: Watched;
  /** Epochs in a row without a better one after which it stops. Default: it does not. */
  patience?: number;
}

/** The best epoch so far. */
export interface BestEpoch {
  /** From 1. */
  epoch: number;
  value: number;
  /** Of the model then, where it is to be kept. */
  weights?: ReadonlyMap<string, HostTensor>;
}

/** The value of an epoch by which it is judged. */
export function watchedValue(record: ValidationRecord, by: Watched = DEFAULT_WATCHED): number {
  switch (by) {
    case 'loss':
      return record.loss;
    case 'accuracy':
      return record.accuracy;
    case 'balanced-accuracy':
      return record.balancedAccuracy;
    case 'macro-f1':
      return record.macroF1;
  }
}

/** Whether a value is better than the best so far; of equal ones the first stays the best. */
export function isBetter(value: number, best: BestEpoch | undefined, by: Watched = DEFAULT_WATCHED): boolean {
  if (best === undefined) return true;
  return by === 'loss' ? value < best.value : value > best.value;
}

/** Whether a training has seen so many epochs without a better one that it is to end. */
export function isOutOfPatience(
  history: readonly EpochRecord[],
  best: BestEpoch | undefined,
  { patience }: EpochChoice,
): boolean {
  return patience !== undefined && best !== undefined && history.length - best.epoch >= patience;
}
