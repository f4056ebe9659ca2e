import type { Gpu } from '../../kernels/gpu.ts';
import type { Configuration } from '../configuration.ts';
import type { ImageDataset } from '../data/dataset.ts';
import type { RunFolder } from '../run_folder.ts';

/** What an experiment has at hand. */
export interface LabContext {
  gpu: Gpu;
  dataset: ImageDataset;
  configuration: Configuration;
  folder: RunFolder;
  /** Prints a line or a table for the person watching. */
  say: (text: string) => void;
  /** Aborted when the run is to stop. */
  signal: AbortSignal;
}

/** What an experiment found. Everything but `timings` is the same for the same configuration and adapter. */
export interface ExperimentResult {
  /** False where it was stopped; it goes on from its checkpoint when the run is resumed. */
  finished: boolean;
  results: Record<string, unknown>;
  timings: Record<string, unknown>;
}

export interface Experiment {
  id: string;
  title: string;
  run(context: LabContext): Promise<ExperimentResult>;
}
