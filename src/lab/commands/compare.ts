import { basename, join } from 'node:path';
import { classCounts } from '../../data/class_counts.ts';
import { isKnown } from '../../data/image_dataset.ts';
import { longTailedData } from '../../data/training_data.ts';
import { writeFileAtomically } from '../../node/atomic_file.ts';
import { openDevice } from '../../node.ts';
import { UserError } from '../../runtime/errors.ts';
import type { RungName } from '../../runtime/rungs.ts';
import type { Recipe } from '../../train/recipe.ts';
import { scoreCalled } from '../compare/comparison.ts';
import {
  COMPARISON_RESULTS,
  type ComparisonConfiguration,
  type ComparisonResults,
  newComparison,
} from '../compare/comparison_results.ts';
import { shellWord, VALIDATION } from '../compare/next_commands.ts';
import { BASELINE, checkRemedies, DEFAULT_REMEDIES, REMEDIES } from '../compare/remedies.ts';
import { planRounds } from '../compare/rounds.ts';
import { finishedOf, STUDY, type TrainedComparison, writeComparison } from '../compare/write_comparison.ts';
import { amountOf, type DataAmount, type DataReading, readingOf } from '../run/data_fields.ts';
import { DONE, FAILED, STOPPED } from '../run/exit_codes.ts';
import { readResults } from '../run/results_file.ts';
import { RunFolder } from '../run/run_folder.ts';
import { applyVerification } from '../run/verification.ts';
import { type Shard, type SweepTraining, shardOf, sweepSchema, sweepTrainings } from '../sweep/sweep_file.ts';
import { collectSweep, type SweepResults, sweepFolder, writeSweep } from '../sweep/sweep_results.ts';
import { checkData, chooseDataset, recordedData } from './choose_dataset.ts';
import { makeAtOnce, makeTrainings } from './sweep.ts';

export interface CompareOptions extends DataReading, DataAmount {
  /** A name, or where images of one's own are. */
  data: string;
  dataDir?: string;
  /** Default: `DEFAULT_REMEDIES`. */
  remedies?: string[];
  network?: Recipe['model'];
  width?: number;
  epochs?: number;
  batchSize?: number;
  validation?: Recipe['validation'];
  /** The first of the seeds. */
  seed: number;
  /** How many follow each other. */
  seeds: number;
  /** Seconds of training. */
  budget?: number;
  /** The score that decides: a name of `SCORES` with '-' for spaces, or 'recall:CLASS'. */
  by: string;
  /** The comparison's folder: begun there, gone on with there, or done there already. Default: runs/compare-NAME of the data. */
  into?: string;
  /** Make these of the trainings alone. */
  shard?: Shard;
  /** Trainings that run at once, each in a process of its own. Default 1. */
  jobs?: number;
  adapter?: string;
  imageMemory?: number;
  rung?: RungName;
  signal: AbortSignal;
}

/**
 * Trains a baseline and remedies for imbalance with several seeds, and says which of them help on the test images, by how much, and how sure that is. All is kept
 * under one folder: the trainings as a sweep, results.json, report.html and figures.
 *
 * @returns the exit code: 0 when all is done, 1 where a remedy's training diverged, that of a training that was stopped
 */
export async function runCompare(options: CompareOptions): Promise<number> {
  const { data, shard, jobs = 1, signal } = options;
  checkData(data);
  // A class that there is not is known before anything is trained.
  if (options.by.startsWith('recall:')) {
    const { dataDir } = options;
    const { classNames } = await chooseDataset({ ...readingOf(options), name: data, dataDir, signal, say: () => {} });
    scoreCalled(options.by, classNames);
  }
  const configuration = configurationOf(options);
  const { study, budget } = configuration;
  const path = options.into ?? join('runs', `compare-${basename(data).replace(/\.\w+$/, '')}`);
  if (await isDoneIn(path, configuration)) {
    console.log(`${path}: done before. Report: ${join(path, 'report.html')}`);
    return DONE;
  }
  const studyPath = join(path, STUDY);
  const folder = await sweepFolder(studyPath, study);
  // For processes that make trainings of it, and to look at by `wgrad sweep --status`.
  const file = join(path, 'study.json');
  await writeFileAtomically(file, `${JSON.stringify(study, null, 2)}\n`);
  const all = sweepTrainings(study);
  const again = `npx wgrad compare --data ${shellWord(data)} --into ${shellWord(path)}${shard ? ` --shard ${shard.index}/${shard.of}` : ''}, with the other options as before`;
  const { dataDir, adapter, imageMemory, rung } = options;
  const common = { path: studyPath, sweep: study, again, signal, dataDir, adapter, imageMemory, rung };
  const at = new Map(all.map((training) => [`${training.variant} ${training.recipe.seed}`, training]));
  const trainingOf = (name: string, seed: number) => at.get(`${name} ${study.seeds[seed]}`) as SweepTraining;

  const diverged = new Set<string>();
  for (;;) {
    const results = await collectSweep(studyPath, study);
    await writeSweep(folder, results);
    const names = Object.keys(study.variants).filter((name) => !diverged.has(name));
    const rounds = planRounds(names, { seeds: study.seeds.length, budget }, (name, seed) =>
      finishedOf(results, trainingOf(name, seed)),
    );
    const next =
      shard === undefined ? rounds.next : shardOf(all, shard).flatMap((training) => missing(training, results));
    if (next.length === 0) {
      if (rounds.next.length > 0) {
        console.log(
          `\nThis part is done. ${rounds.next.length} trainings of other parts are not; the one that ends last compares.`,
        );
        return DONE;
      }
      return analyse(options, { path, configuration, results, rounds, diverged, trainingOf });
    }
    const trainings = next.map(({ name, seed }) => trainingOf(name, seed));
    const making = { ...common, done: results.trainings };
    const code =
      jobs > 1
        ? await makeAtOnce(trainings, making, { jobs, args: sweepArgs(file, options), count: all.length })
        : await makeTrainings(trainings, making);
    if (code !== DONE && code !== FAILED) return code;
    if (code === FAILED) {
      const after = await collectSweep(studyPath, study);
      for (const { name, seed } of next)
        if (finishedOf(after, trainingOf(name, seed)) === undefined) diverged.add(name);
      if (diverged.has(BASELINE))
        throw new UserError('The training of the baseline diverged; give another --width or --batch-size.');
    }
  }

  function missing({ variant = '', recipe }: SweepTraining, { trainings }: SweepResults) {
    const seed = study.seeds.indexOf(recipe.seed);
    const isMade = Object.hasOwn(trainings, trainingOf(variant, seed).name);
    return isMade || diverged.has(variant) ? [] : [{ name: variant, seed }];
  }
}

/** The command that makes trainings of a comparison's study. */
function sweepArgs(file: string, { dataDir, adapter, imageMemory, rung }: CompareOptions): string[] {
  return [
    ...['sweep', file],
    ...(dataDir === undefined ? [] : ['--data-dir', dataDir]),
    ...(adapter === undefined ? [] : ['--adapter', adapter]),
    ...(imageMemory === undefined ? [] : ['--image-memory', `${imageMemory / 2 ** 20}`]),
    ...(rung === undefined ? [] : ['--rung', rung]),
  ];
}

/** What a comparison is, from its options. @throws UserError for remedies or scores that are none. */
function configurationOf(options: CompareOptions): ComparisonConfiguration {
  const { data, remedies = DEFAULT_REMEDIES, network, width, seed, seeds, budget = null, by } = options;
  checkRemedies(remedies);
  const epochs = options.epochs ?? 8;
  const base: Partial<Recipe> = {
    ...{ model: network ?? 'custom-cnn', width: width ?? (network === undefined ? 1 / 8 : 1), epochs },
    // A rate that stays: what begins late could not learn with one that has fallen.
    ...{ batchSize: options.batchSize ?? 32, draws: 'images' },
    validation: options.validation ?? (isKnown(data) ? VALIDATION : undefined),
  };
  const given = Object.entries(base).filter(([, value]) => value !== undefined);
  const variants = remedies.map((name) => [name, REMEDIES[name].changes({ epochs })] as const);
  const study = sweepSchema.parse({
    ...{ data: recordedData(data), ...readingOf(options) },
    ...Object.fromEntries(Object.entries(amountOf(options)).filter(([, value]) => value !== undefined)),
    ...{ base: Object.fromEntries(given), variants: { [BASELINE]: {}, ...Object.fromEntries(variants) } },
    seeds: Array.from({ length: seeds }, (_, i) => seed + i),
  });
  return { study, by, budget };
}

/** Whether a folder holds the outcome of a comparison; one that does not is begun there. @throws UserError where it holds another one, or another run. */
async function isDoneIn(path: string, configuration: ComparisonConfiguration): Promise<boolean> {
  const folder = await RunFolder.at(path);
  if (!(await RunFolder.holdsRun(path))) {
    await folder.writeJson('results.json', newComparison(configuration));
    return false;
  }
  const earlier = await readResults<ComparisonResults>(folder, COMPARISON_RESULTS);
  if (JSON.stringify(earlier.configuration) === JSON.stringify(configuration)) return earlier.outcome !== null;
  throw new UserError(`${path} holds another comparison; name another folder with --into, or remove it.`);
}

/** Looks at the test images, once, and writes what the comparison comes to. */
async function analyse(options: CompareOptions, trained: TrainedComparison): Promise<number> {
  const { signal, dataDir, adapter, imageMemory, rung } = options;
  const { study } = trained.configuration;
  const seed = study.seeds[0];
  const gpu = await openDevice({ adapter, imageMemory, seed, rung });
  try {
    await applyVerification(gpu);
    const dataset = await chooseDataset({ ...readingOf(study), name: study.data, dataDir, signal, say: () => {} });
    const largest = Math.max(...classCounts(dataset.train.labels, dataset.classNames.length));
    const { imbalance = dataset.natural ? null : 1, maxPerClass = largest, testPerClass = null } = study;
    const data = longTailedData(gpu, dataset, { ...amountOf(study), imbalance, maxPerClass, testPerClass, seed });
    return await writeComparison(gpu, dataset, data, trained);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    return STOPPED;
  } finally {
    gpu.close();
  }
}
