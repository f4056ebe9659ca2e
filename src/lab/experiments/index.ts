import type { Experiment } from './experiment.ts';
import { ps1 } from './ps1.ts';

/** The lab's experiments, in order. */
export const EXPERIMENTS: readonly Experiment[] = [ps1];
