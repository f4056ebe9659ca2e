import type { TrainingHistory } from './training_history.ts';

/** What `diagnose` can find. */
export type CauseName =
  | 'non-finite-start'
  | 'forgotten-zero-grad'
  | 'batch-norm-mode'
  | 'unused-parameters'
  | 'frozen-parameters'
  | 'unnormalised-input'
  | 'zero-initialisation'
  | 'saturation'
  | 'initial-scale'
  | 'dead-relus'
  | 'exploding-gradients'
  | 'vanishing-gradients'
  | 'learning-rate-too-large'
  | 'learning-rate-too-small'
  | 'shuffled-labels';

/** What tells a cause: numbers that were measured, and what to do. Sentences. */
export interface Evidence {
  evidence: string;
  remedy: string;
  /** A note is something to know of, not a fault. Default: 'warning'. */
  level?: 'warning' | 'note';
}

/** Something that goes wrong in trainings, and how it is told. */
export interface Cause {
  name: CauseName;
  /** As the beginning of a sentence. */
  title: string;
  /** What else is seen where this is the cause: it follows from it. */
  explains: readonly CauseName[];
  /** Looks for it; undefined where it is not there, or not yet to be told. */
  look(history: TrainingHistory): Evidence | undefined;
}
