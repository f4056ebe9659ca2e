import { basename, extname, join } from 'node:path';
import type { Rung } from '../../runtime/rungs.ts';
import { TrainingDiverged } from '../../train/training_task.ts';
import { amountOf, readingOf } from '../run/data_fields.ts';
import { DONE, FAILED } from '../run/exit_codes.ts';
import { goesOnWith } from '../run/way_on.ts';
import { readSweep, type Shard, shardOf, sweepTrainings } from '../sweep/sweep_file.ts';
import { collectSweep, missingTrainings, sweepFolder, trainingFolder, writeSweep } from '../sweep/sweep_results.ts';
import { checkData } from './choose_dataset.ts';
import { runTrain } from './train.ts';

export interface SweepOptions {
  /** The study's folder: begun there, or gone on with there. Default: runs/NAME of the file. */
  into?: string;
  /** Make these of the trainings alone. Default: all. */
  shard?: Shard;
  /** Print how many trainings there are, and do nothing else. */
  count?: boolean;
  dataDir?: string;
  adapter?: string;
  /** Most bytes of images that are kept on the device. */
  imageMemory?: number;
  /** Version of the kernels to take wherever it can run. Default: as measured on the adapter. */
  rung?: Rung;
  signal: AbortSignal;
}

/**
 * Makes the trainings of a study one after the other, those that are not done yet. Each has a folder of its own, as `wgrad train` leaves it.
 *
 * @returns the exit code: 0 when all of them, or of the shard, are done, 1 where one diverged, 130 where it was stopped and can be gone on with
 */
export async function runSweep(file: string, options: SweepOptions): Promise<number> {
  const { shard = { index: 1, of: 1 }, count = false, signal, ...common } = options;
  const sweep = await readSweep(file);
  checkData(sweep.data);
  const all = sweepTrainings(sweep);
  if (count) {
    console.log(all.length);
    return DONE;
  }
  const path = options.into ?? join('runs', basename(file, extname(file)));
  const folder = await sweepFolder(path, sweep);
  await writeSweep(folder, await collectSweep(folder, sweep));
  const { data } = sweep;
  const own = shardOf(all, shard);
  const part = options.shard ? ` --shard ${shard.index}/${shard.of}` : '';
  const again = `npx wgrad sweep ${file} --into ${path}${part}`;
  let failed = false;
  for (const [i, training] of own.entries()) {
    console.log(`\n${i + 1}/${own.length} ${training.name}`);
    const into = trainingFolder(path, training);
    try {
      const code = await runTrain({
        ...{ ...common, ...training.given, ...readingOf(sweep), ...amountOf(sweep), data },
        ...{ into, out: path, signal },
      });
      if (code !== DONE) return code;
    } catch (error) {
      // The others share nothing with it.
      if (!(error instanceof TrainingDiverged)) throw goesOnWith(error, again);
      failed = true;
      console.error(`wgrad: ${training.name}: ${error.message}`);
    }
  }
  const results = await collectSweep(folder, sweep);
  await writeSweep(folder, results);
  const missing = missingTrainings(results).length;
  console.log(`\n${all.length - missing} of ${all.length} trainings are done. Results: ${folder.path}`);
  return failed ? FAILED : DONE;
}
