import { stat } from 'node:fs/promises';
import { UserError } from '../../runtime/errors.ts';
import { shardOfExperiments } from '../experiments/shard.ts';
import { configure, type GivenValues } from '../run/configuration.ts';
import type { Experiment } from '../run/experiment.ts';
import type { LabResults } from '../run/lab_results.ts';
import type { PresetName } from '../run/presets.ts';
import type { RunFolder } from '../run/run_folder.ts';
import type { Shard } from '../sweep/sweep_file.ts';
import { recordedData } from './choose_dataset.ts';

/** What a run of the lab computes, as far as that is said. */
export interface AskedRun extends Omit<GivenValues, 'data' | 'seed' | 'testPerClass'> {
  /** Default 42. */
  seed?: number;
  /** Default 'auto': quick without a GPU, full with one. */
  preset?: PresetName | 'auto';
  /** A name, or where images of one's own are. */
  data?: string;
  /** Run a part of the experiments: the shard's, of so many that together are the whole; see `runMerge`. */
  shard?: Shard;
}

/**
 * Whether a run of the lab that stands in a folder has all these experiments, and its report. Throws UserError where it is another run than the one
 * that the options ask for.
 */
export async function isFinished(
  folder: RunFolder,
  { configuration, experiments, shard: part }: LabResults,
  options: AskedRun,
  asked: readonly Experiment[],
): Promise<boolean> {
  const { preset = 'auto', data, seed = 42, shard } = options;
  // What is asked for where nothing is said depends on the adapter and the data set, as does whether its classes are taken as they are.
  const same = configure(preset === 'auto' ? configuration.preset : preset, {
    ...options,
    ...{ seed, data: data === undefined ? configuration.data : recordedData(data) },
    natural: configuration.imbalance === null,
  });
  const isSame = JSON.stringify(same) === JSON.stringify(configuration);
  if (!isSame || shard?.index !== part?.index || shard?.of !== part?.of) {
    throw new UserError(
      `${folder.path} holds a run by another configuration or on other images; name another folder, or remove it.`,
    );
  }
  const own = shard ? shardOfExperiments(asked, configuration, shard) : asked;
  return own.every(({ id }) => experiments[id]?.status === 'done') && (await hasReport(folder));
}

/** Whether the report was written after the results. */
async function hasReport(folder: RunFolder): Promise<boolean> {
  const [results, report] = await Promise.all(
    ['results.json', 'report.html'].map((name) => stat(folder.file(name)).catch(() => undefined)),
  );
  return results !== undefined && report !== undefined && report.mtimeMs >= results.mtimeMs;
}
