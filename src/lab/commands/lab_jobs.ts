import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../runtime/errors.ts';
import { adaptersInTurn } from '../jobs/adapters_in_turn.ts';
import { runJobs } from '../jobs/run_jobs.ts';
import { DONE, FAILED } from '../run/exit_codes.ts';
import { RunFolder } from '../run/run_folder.ts';
import { type LabOptions, runLab } from './lab.ts';
import { runMerge } from './merge.ts';

export interface LabJobsOptions extends LabOptions {
  /** Parts of the experiments that run at a time, each a process. Default 1: all in this one. */
  jobs?: number;
  /** Arguments of the command line, which the processes get as well. */
  args?: readonly string[];
}

/**
 * `runLab`, or its experiments in parts that run at a time, each in a folder of its own below the run's; then they are put together as `runMerge` does,
 * to what one process would have left but for timings.
 *
 * @returns the exit code; see `runLab` and `runJobs`
 */
export async function runLabJobs({ jobs = 1, args = [], ...options }: LabJobsOptions): Promise<number> {
  const { into, out = 'runs', preset = 'lab', signal = new AbortController().signal } = options;
  const { dataDir, adapter, imageMemory } = options;
  // What is merged already goes on, or is done, in one process.
  if (jobs === 1 || (into !== undefined && (await RunFolder.holdsRun(into)))) return runLab(options);
  if (options.shard) throw new UserError('--jobs parts the experiments itself; leave out --shard, or --jobs.');
  const path = into ?? (await newFolder(out, preset));
  const parts = Array.from({ length: jobs }, (_, i) => join(path, 'parts', `${i + 1}`));
  const code = await runJobs(
    parts.map((part, i) => ({
      name: `part ${i + 1}`,
      // Of an option that is given twice the last counts.
      args: [...args, '--jobs', '1', '--shard', `${i + 1}/${jobs}`, '--into', part],
    })),
    { title: 'lab', atOnce: jobs, adapters: adapter === undefined ? await adaptersInTurn() : [], signal },
  );
  const isWhole = (await Promise.all(parts.map((part) => RunFolder.holdsRun(part)))).every(Boolean);
  if ((code !== DONE && code !== FAILED) || !isWhole) {
    console.log(`\nNot done. Everything so far is in ${path}; go on with the same command and --into ${path}.`);
    return code;
  }
  const merged = await runMerge(parts, { into: path, dataDir, adapter, imageMemory, signal });
  if (merged === DONE) await rm(join(path, 'parts'), { recursive: true });
  return merged;
}

/** A folder for a run that its parts fill. */
async function newFolder(out: string, name: string): Promise<string> {
  const folder = await RunFolder.create(out, name);
  folder.release();
  return folder.path;
}
