import { cp, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeWholeFolder } from '../../node/whole_folder.ts';
import { UserError } from '../../runtime/errors.ts';
import { DONE } from '../run/exit_codes.ts';
import { LAB_RESULTS, type LabResults } from '../run/lab_results.ts';
import { readResults } from '../run/results_file.ts';
import { RunFolder } from '../run/run_folder.ts';
import type { TrainResults } from '../run/train_results.ts';
import {
  collectSweep,
  finishedTrainings,
  missingTrainings,
  SWEEP_RESULTS,
  type SweepResults,
  sweepFolder,
  trainingFolder,
  writeSweep,
} from '../sweep/sweep_results.ts';
import { type LabOptions, runLab } from './lab.ts';

export interface MergeOptions extends Pick<LabOptions, 'dataDir' | 'adapter' | 'imageMemory'> {
  /** Folder for the whole. */
  into: string;
  /** Take a study of which trainings are missing. Default false. */
  partial?: boolean;
  signal: AbortSignal;
}

const MOST_NAMES = 3;

/**
 * Puts the shards of a study or of a run of the lab together: what comes out is what one run would have left, but for timings. A lab's trainings are
 * taken over, and its experiments computed from them.
 *
 * @returns the exit code, as that of the lab where it is one
 */
export async function runMerge(paths: readonly string[], options: MergeOptions): Promise<number> {
  const folders: RunFolder[] = [];
  for (const path of paths) folders.push(await RunFolder.view(path));
  const kinds = new Set<string>();
  for (const folder of folders)
    kinds.add(`${((await folder.readJson('results.json')) as { format?: unknown } | null)?.format}`);
  if (kinds.size > 1)
    throw new UserError(`Shards of one kind can be merged; these are of ${[...kinds].join(' and ')}.`);
  const [kind] = kinds;
  if (kind === SWEEP_RESULTS.format) return mergeSweep(folders, options);
  if (kind === LAB_RESULTS.format) return mergeLab(folders, options);
  throw new UserError(`${paths[0]} holds neither a sweep nor a run of the lab: there is nothing to merge.`);
}

async function mergeSweep(folders: readonly RunFolder[], { into, partial = false }: MergeOptions): Promise<number> {
  const shards: SweepResults[] = [];
  for (const folder of folders) shards.push(await readResults<SweepResults>(folder, SWEEP_RESULTS));
  const [first] = shards;
  const { sweep } = first;
  shards.forEach((shard, i) => {
    if (JSON.stringify(shard.sweep) === JSON.stringify(sweep)) return;
    throw new UserError(`${folders[i].path} is of another sweep than ${folders[0].path}; merge the shards of one.`);
  });
  // The trainings' own results: of processes that write the study's at once, the last may know of fewer.
  const found = new Map<string, { path: string; environment: TrainResults['environment'] }>();
  for (const { path } of folders) {
    for await (const { name, environment } of finishedTrainings(path, sweep)) {
      found.set(name, { path: trainingFolder(path, name), environment });
    }
  }
  if (!partial) {
    checkWhole(missingTrainings(sweep, found).map(({ name }) => name));
    checkAlike([...found.values()]);
  }
  const whole = await sweepFolder(into, sweep);
  for (const [name, { path }] of found) await copyTraining(path, trainingFolder(whole.path, name));
  const results = await collectSweep(whole.path, sweep);
  await writeSweep(whole, results);
  console.log(`${Object.keys(results.trainings).length} trainings: ${whole.path}`);
  return DONE;
}

/** @throws UserError where a study's trainings are missing. */
function checkWhole(missing: readonly string[]): void {
  if (missing.length === 0) return;
  const names = missing.slice(0, MOST_NAMES).join(', ');
  throw new UserError(
    `${missing.length} ${missing.length === 1 ? 'training is' : 'trainings are'} missing: ${names}${missing.length > MOST_NAMES ? ', …' : ''}; make them, or take what is there by --partial.`,
  );
}

/** @throws UserError where trainings ran on different adapters, or by other kernels: their bits then differ. */
function checkAlike(trainings: readonly { path: string; environment: TrainResults['environment'] }[]): void {
  const [first] = trainings;
  const identityOf = ({ adapter, rungs }: TrainResults['environment']) => JSON.stringify([adapter, rungs]);
  const other = trainings.find(({ environment }) => identityOf(environment) !== identityOf(first.environment));
  if (other === undefined) return;
  throw new UserError(
    `${other.path} was made on another adapter or by other kernels than ${first.path}; make all on adapters of one kind, or take them as they are by --partial.`,
  );
}

/** Copies a finished training whole or not at all. */
async function copyTraining(from: string, to: string): Promise<void> {
  if (resolve(from) === resolve(to)) return;
  await rm(to, { recursive: true, force: true });
  await makeWholeFolder(to, (folder) => cp(from, folder, { recursive: true }));
}

async function mergeLab(folders: readonly RunFolder[], options: MergeOptions): Promise<number> {
  const { into, dataDir, adapter, imageMemory, signal } = options;
  const shards: LabResults[] = [];
  for (const folder of folders) shards.push(await readResults<LabResults>(folder, LAB_RESULTS));
  const [first] = shards;
  shards.forEach(({ configuration, environment }, i) => {
    const alike =
      JSON.stringify(configuration) === JSON.stringify(first.configuration) &&
      JSON.stringify(environment.rungs) === JSON.stringify(first.environment.rungs);
    if (alike) return;
    throw new UserError(
      `${folders[i].path} is of another configuration than ${folders[0].path}; merge the shards of one run.`,
    );
  });
  if (await RunFolder.holdsRun(into))
    throw new UserError(
      `${into} holds a run already; name another folder with --into, or go on with it by npx wgrad lab --resume ${into}.`,
    );
  const whole = await RunFolder.at(into);
  for (const folder of folders) {
    for (const file of await readdir(folder.file('checkpoints'))) {
      if (!file.endsWith('.safetensors')) continue;
      await cp(folder.file('checkpoints', file), join(whole.path, 'checkpoints', file));
    }
  }
  const requested = [...new Set(shards.flatMap(({ requested, shard }) => shard?.requested ?? requested))];
  const { shard: _, ...start } = first;
  const timings = { startedAt: first.timings.startedAt, trainings: {}, experiments: {} };
  await whole.writeJson('results.json', { ...start, requested, trainings: {}, experiments: {}, timings });
  return runLab({ resume: into, dataDir, adapter, imageMemory, signal });
}
