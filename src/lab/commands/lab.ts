import { stat } from 'node:fs/promises';
import { longTailedData } from '../../data/training_data.ts';
import { makeFolder } from '../../node/atomic_file.ts';
import { openDevice } from '../../node.ts';
import { DeviceError, UserError } from '../../runtime/errors.ts';
import type { RungName } from '../../runtime/rungs.ts';
import { TrainingDiverged } from '../../train/training_task.ts';
import { chooseExperiments, EXPERIMENTS } from '../experiments/index.ts';
import { shardOfExperiments } from '../experiments/shard.ts';
import type { LogName } from '../log/index.ts';
import { writeReport } from '../report/html_report.ts';
import { ActiveRun } from '../run/active_run.ts';
import { bestTable } from '../run/best_trainings.ts';
import { configure, differencesFromFull, formatDifference } from '../run/configuration.ts';
import { readingOf } from '../run/data_fields.ts';
import { adapterLine, dataLines, describeData } from '../run/describe_results.ts';
import { DONE, FAILED, STOPPED } from '../run/exit_codes.ts';
import type { Experiment } from '../run/experiment.ts';
import { LAB_RESULTS, type LabResults } from '../run/lab_results.ts';
import { writeMetrics } from '../run/metrics_file.ts';
import { PRESETS } from '../run/presets.ts';
import { writeProfile } from '../run/profile_files.ts';
import { RunFolder } from '../run/run_folder.ts';
import { type GivenPlace, openPlace } from '../run/run_place.ts';
import { applyRungs } from '../run/rung_cache.ts';
import { applyVerification } from '../run/verification.ts';
import { goesOnWith } from '../run/way_on.ts';
import { checkData, chooseDataset, recordedData } from './choose_dataset.ts';
import { type AskedRun, isFinished } from './finished_lab.ts';

/** What a run of the lab is to do. */
export interface LabOptions extends AskedRun, GivenPlace {
  /** Ids of the experiments to run; all, or on a run that goes on those it was begun with, where there are none. */
  experiments?: readonly string[];
  dataDir?: string;
  /** Parent of the run's folder. Default 'runs'. */
  out?: string;
  adapter?: string;
  /** Most bytes of images that are kept on the device. */
  imageMemory?: number;
  /** Version of the kernels to take wherever it can run. Default: as measured on the adapter. */
  rung?: RungName;
  /** Where an experiment fails, show the place in the program. */
  debug?: boolean;
  /** Time every kernel. */
  profile?: boolean;
  /** A log for other programs to write besides, of each training. */
  log?: LogName;
  /** Aborted: the run stops after the step under way and saves. Default: never. */
  signal?: AbortSignal;
}

/** Throws UserError unless the path names a file. */
async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) {
    throw new UserError(
      `--pretrained names ${path}, which is ${found ? 'no file' : 'not there'}; name a file of weights.`,
    );
  }
}

const say = (text: string) => console.log(text);

/**
 * Runs experiments of the lab and writes everything under one folder.
 *
 * @returns the exit code: 0 when all is done, 1 where an experiment failed, 130 where it was stopped and can be resumed
 */
export async function runLab(options: LabOptions, all: readonly Experiment[] = EXPERIMENTS): Promise<number> {
  const folders: RunFolder[] = [];
  try {
    return await runIn(folders, options, all);
  } finally {
    for (const folder of folders) folder.release();
  }
}

/** `runLab`; notes the folders that it locks. */
async function runIn(folders: RunFolder[], options: LabOptions, all: readonly Experiment[]): Promise<number> {
  const { signal = new AbortController().signal, out = 'runs', seed = 42 } = options;
  checkData(options.data);
  const chosen = chooseExperiments(all, options.experiments ?? []);
  const place = await openPlace<LabResults>(options, LAB_RESULTS, (found, at) =>
    isFinished(at, found, options, chosen ?? all),
  );
  if (place.done) {
    say(`${options.into}: done before.`);
    return DONE;
  }
  const { earlier } = place;
  if (place.folder) folders.push(place.folder);
  const before = options.resume === undefined ? undefined : (earlier?.shard?.requested ?? earlier?.requested);
  const asked = chosen ?? chooseExperiments(all, before ?? []) ?? all;
  // Before the data, which may have to be downloaded.
  if (options.pretrained !== undefined) await checkFile(options.pretrained);
  if (!place.folder) await makeFolder(out);

  const gpu = await openDevice({
    adapter: options.adapter,
    imageMemory: options.imageMemory,
    seed: earlier?.configuration.seed ?? seed,
    profile: options.profile ?? false,
    rung: options.rung,
  });
  let { folder } = place;
  try {
    say(adapterLine(gpu, earlier?.environment));
    await applyRungs(gpu, { earlier: earlier?.environment.rungs, say });
    await applyVerification(gpu, { say });
    const { configuration: settled } = earlier ?? {};
    const name = settled ? settled.data : options.data;
    const { dataDir } = options;
    const dataset = await chooseDataset({ ...readingOf(settled ?? options), name, dataDir, signal, say });
    say(`Data: ${dataset.name}, ${dataset.source}`);

    const { preset: given = 'auto' } = options;
    const preset = given !== 'auto' ? given : gpu.adapter.software ? 'quick' : 'full';
    const configuration =
      earlier?.configuration ??
      configure(preset, {
        ...options,
        ...{ seed, data: recordedData(name ?? dataset.name), natural: dataset.natural },
      });
    say(`Preset ${configuration.preset}: ${PRESETS[configuration.preset].summary}.`);
    const differences = differencesFromFull(configuration);
    if (differences.length > 0) {
      say(`Unlike the lab's own figures: ${differences.map(formatDifference).join(', ')}.`);
    }

    const data = longTailedData(gpu, dataset, configuration);
    for (const line of dataLines(describeData(dataset, data))) say(line);
    if (!folder) {
      folder = await RunFolder.create(out, configuration.preset);
      folders.push(folder);
    }
    const goOn = wayOn(folder);
    const { shard = earlier?.shard } = options;
    const experiments = shard ? shardOfExperiments(asked, configuration, shard) : asked;
    const part = shard && { index: shard.index, of: shard.of, requested: asked.map(({ id }) => id) };
    const run = new ActiveRun({
      gpu,
      dataset,
      data,
      configuration,
      folder,
      experiments,
      shard: part,
      earlier,
      say,
      signal,
      log: options.log,
    });
    await run.save();
    const stopped = await runAll(run, experiments, { signal, debug: options.debug });
    await writeMetrics(folder, run.results);
    const report = await writeReport(folder, run.results);
    if (stopped) {
      say(`\nStopped. Everything so far is in ${folder.path}; go on with: ${goOn}`);
      return STOPPED;
    }
    await writeProfile(gpu, folder.path, say);
    say(bestTable(run.results));
    say(`\nReport: ${report}\nResults and figures: ${folder.path}`);
    return experiments.some(({ id }) => run.results.experiments[id]?.status !== 'done') ? FAILED : DONE;
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) {
      throw folder && (await folder.has('results.json')) ? goesOnWith(error, wayOn(folder)) : error;
    }
    say('\nStopped.');
    return STOPPED;
  } finally {
    gpu.close();
  }
}

const wayOn = ({ path }: RunFolder) => `npm run lab -- --resume ${path}`;

/** Runs the experiments that are not done yet, one after the other. Returns whether the run was stopped. */
async function runAll(
  run: ActiveRun,
  experiments: readonly Experiment[],
  { signal, debug = false }: { signal: AbortSignal; debug?: boolean },
): Promise<boolean> {
  const { results } = run;
  for (const experiment of experiments) {
    const { id, title, question } = experiment;
    if (results.experiments[id]?.status === 'done') {
      say(`\n${id}: done before.`);
      continue;
    }
    say(`\n${id}  ${title}\n${question}\n`);
    const started = performance.now();
    const before = results.timings.experiments[id]?.seconds ?? 0;
    const about = { title, question };
    try {
      signal.throwIfAborted();
      const { results: found, section, timings } = await experiment.run(run.contextFor(experiment));
      results.experiments[id] = { status: 'done', ...about, results: found, section: [...section] };
      results.timings.experiments[id] = { ...timings, seconds: 0 };
    } catch (error) {
      if (signal.aborted && error === signal.reason) {
        results.experiments[id] = { status: 'stopped', ...about, results: {}, section: [] };
        return true;
      }
      if (endsTheRun(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      results.experiments[id] = { status: 'failed', ...about, reason, results: {}, section: [] };
      // A defect is for the one who mends it: with its place, where that is asked for.
      say(`${id} failed: ${(debug && error instanceof Error && error.stack) || reason}`);
    } finally {
      const seconds = before + (performance.now() - started) / 1000;
      results.timings.experiments[id] = { ...results.timings.experiments[id], seconds };
      await run.save();
    }
  }
  return false;
}

/** Mistakes of the user's and a device that is lost concern the whole run; all else is one experiment's own failure. */
function endsTheRun(error: unknown): boolean {
  return (error instanceof UserError && !(error instanceof TrainingDiverged)) || error instanceof DeviceError;
}
