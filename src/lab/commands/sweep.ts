import { basename, extname, join } from 'node:path';
import { FolderInUse } from '../../node/folder_lock.ts';
import { UserError } from '../../runtime/errors.ts';
import type { RungName } from '../../runtime/rungs.ts';
import { NonFiniteOutput } from '../../train/evaluation.ts';
import { TrainingDiverged } from '../../train/training_task.ts';
import { adaptersInTurn } from '../jobs/adapters_in_turn.ts';
import { runJobs } from '../jobs/run_jobs.ts';
import { amountOf, readingOf } from '../run/data_fields.ts';
import { DONE, FAILED } from '../run/exit_codes.ts';
import { goesOnWith } from '../run/way_on.ts';
import { readSweep, type Shard, type Sweep, type SweepTraining, shardOf, sweepTrainings } from '../sweep/sweep_file.ts';
import {
  checkSweep,
  collectSweep,
  missingTrainings,
  sweepFolder,
  trainingFolder,
  writeSweep,
} from '../sweep/sweep_results.ts';
import { clearFailure, noteFailure } from '../sweep/training_failure.ts';
import { checkData } from './choose_dataset.ts';
import { printSweepStatus } from './sweep_status.ts';
import { runTrain } from './train.ts';

export interface SweepOptions {
  /** The study's folder: begun there, or gone on with there. Default: runs/NAME of the file. */
  into?: string;
  /** Make these of the trainings alone. Default: all. */
  shard?: Shard;
  /** Print how many trainings there are, and do nothing else. */
  count?: boolean;
  /** Trainings that run at a time, each a process. Default 1: one after the other in this one. */
  jobs?: number;
  /** Arguments of the command line, which the processes get as well. */
  args?: readonly string[];
  /** Print where the trainings stand, and do nothing else. */
  status?: boolean;
  /** Print that as one JSON object. */
  json?: boolean;
  dataDir?: string;
  adapter?: string;
  /** Most bytes of images that are kept on the device. */
  imageMemory?: number;
  /** Version of the kernels to take wherever it can run. Default: as measured on the adapter. */
  rung?: RungName;
  signal: AbortSignal;
}

/**
 * Makes the trainings of a study one after the other, those that are not done yet. Each has a folder of its own, as `wgrad train` leaves it.
 *
 * @returns the exit code: 0 when all of them, or of the shard, are done, 1 where one diverged, 130 where it was stopped and can be gone on with
 */
export async function runSweep(file: string, options: SweepOptions): Promise<number> {
  const {
    shard = { index: 1, of: 1 },
    count = false,
    status = false,
    json = false,
    jobs = 1,
    args = [],
    signal,
    ...common
  } = options;
  if (json && !status) throw new UserError('--json is for --status; a sweep writes results.json.');
  const sweep = await readSweep(file);
  checkData(sweep.data);
  const all = sweepTrainings(sweep);
  if (count) {
    console.log(all.length);
    return DONE;
  }
  const path = options.into ?? join('runs', basename(file, extname(file)));
  const own = shardOf(all, shard);
  if (status) {
    await checkSweep(path, sweep);
    await printSweepStatus(path, own, await collectSweep(path, sweep), json);
    return DONE;
  }
  const folder = await sweepFolder(path, sweep);
  const before = await collectSweep(path, sweep);
  await writeSweep(folder, before);
  const part = options.shard ? ` --shard ${shard.index}/${shard.of}` : '';
  const again = `npx wgrad sweep ${file} --into ${path}${part}`;
  const making = { ...common, path, sweep, again, signal, done: before.trainings };
  const code =
    jobs > 1 ? await makeAtOnce(own, making, { jobs, args, count: all.length }) : await makeTrainings(own, making);
  if (code !== DONE && code !== FAILED) return code;
  const results = await collectSweep(path, sweep);
  await writeSweep(folder, results);
  const missing = missingTrainings(sweep, new Set(Object.keys(results.trainings))).length;
  console.log(`\n${all.length - missing} of ${all.length} trainings are done. Results: ${folder.path}`);
  return code;
}

/** What trainings of a study have in common. */
interface Making extends Pick<SweepOptions, 'dataDir' | 'adapter' | 'imageMemory' | 'rung' | 'signal'> {
  /** The study's folder. */
  path: string;
  sweep: Sweep;
  /** The command that goes on where it was stopped. */
  again: string;
  /** By the names of those that are finished. */
  done: object;
}

/**
 * Makes trainings of a study that are not done yet in processes of their own, so many at a time, on adapters in turn.
 * args: the command that makes a study's trainings; count: how many the study has. Returns the exit code, as `makeTrainings`.
 */
export async function makeAtOnce(
  trainings: readonly SweepTraining[],
  { path, sweep, done, signal, adapter }: Making,
  { jobs, args, count }: { jobs: number; args: readonly string[]; count: number },
): Promise<number> {
  const left = trainings.filter(({ name }) => !Object.hasOwn(done, name));
  const adapters = adapter === undefined && left.length > 0 ? await adaptersInTurn() : [];
  const places = new Map(sweepTrainings(sweep).map(({ name }, i) => [name, i + 1]));
  // Of an option that is given twice the last counts.
  const argsOf = (name: string) => [...args, '--jobs', '1', '--into', path, '--shard', `${places.get(name)}/${count}`];
  return runJobs(
    left.map(({ name }) => ({ name, args: argsOf(name) })),
    { title: 'sweep', atOnce: jobs, adapters, signal },
  );
}

/**
 * Makes trainings of a study that are not done yet, one after the other, each in its folder.
 *
 * @returns the exit code: 0 when all are done, 1 where one diverged, which hinders no other, or that of a training that was stopped
 */
export async function makeTrainings(
  trainings: readonly SweepTraining[],
  { path, sweep, again, done, signal, ...common }: Making,
): Promise<number> {
  let failed = false;
  for (const [i, training] of trainings.entries()) {
    const place = `${i + 1}/${trainings.length} ${training.name}`;
    if (Object.hasOwn(done, training.name)) {
      console.log(`${place}: done before.`);
      continue;
    }
    console.log(`\n${place}`);
    const into = trainingFolder(path, training.name);
    try {
      await clearFailure(into);
      const code = await runTrain({
        ...{ ...common, ...training.given, ...readingOf(sweep), ...amountOf(sweep), data: sweep.data },
        ...{ into, out: path, signal },
      });
      if (code !== DONE) return code;
    } catch (error) {
      if (error instanceof Error && !(error instanceof FolderInUse)) await noteFailure(into, error);
      // The others share nothing with it.
      if (!(error instanceof TrainingDiverged || error instanceof NonFiniteOutput)) throw goesOnWith(error, again);
      failed = true;
      console.error(`wgrad: ${training.name}: ${error.message}`);
    }
  }
  return failed ? FAILED : DONE;
}
