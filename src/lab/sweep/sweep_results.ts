import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SCORE_NAMES } from '../../metrics/scores.ts';
import { UserError } from '../../runtime/errors.ts';
import { trainingTimings } from '../../train/training_record.ts';
import { datasetSchema, environmentSchema, scoreOfTest, trainingSchema } from '../run/lab_results.ts';
import { readResults } from '../run/results_file.ts';
import { RunFolder } from '../run/run_folder.ts';
import { TRAIN_RESULTS, type TrainResults } from '../run/train_results.ts';
import { type Sweep, type SweepTraining, sweepSchema, sweepTrainings } from './sweep_file.ts';

const VERSION = 1;

/** results.json of a study: what it was, and what each training came to. Everything but `timings` is the same for the same study and adapter. */
const sweepResultsSchema = z.strictObject({
  format: z.literal('wgrad-sweep'),
  version: z.literal(VERSION),
  sweep: sweepSchema,
  /** Of the trainings: all on one. */
  environment: environmentSchema.nullable(),
  dataset: datasetSchema.nullable(),
  /** By the names of their folders; those that are finished. */
  trainings: z.record(z.string(), trainingSchema),
  timings: z.record(z.string(), trainingTimings),
});

export type SweepResults = z.infer<typeof sweepResultsSchema>;

export const SWEEP_RESULTS = { format: 'wgrad-sweep', version: VERSION, schema: sweepResultsSchema };

/** The folder in which a study keeps its trainings' folders. */
const TRAININGS = 'trainings';

/** What stands in a study's folder, read from its trainings' own results. */
export async function collectSweep(path: string, sweep: Sweep): Promise<SweepResults> {
  const results: SweepResults = {
    ...{ format: 'wgrad-sweep', version: VERSION, sweep, environment: null, dataset: null, trainings: {}, timings: {} },
  };
  for await (const { name, environment, dataset, training, timings } of finishedTrainings(path, sweep)) {
    results.environment ??= environment;
    results.dataset ??= dataset;
    results.trainings[name] = training;
    results.timings[name] = timings;
  }
  return results;
}

/** A finished training of a study, as its own results have it. */
interface FinishedTraining extends Pick<TrainResults, 'environment' | 'dataset'> {
  name: string;
  training: NonNullable<TrainResults['training']>;
  timings: NonNullable<TrainResults['timings']>;
}

/** The trainings in a study's folder that are finished, in their order. */
export async function* finishedTrainings(path: string, sweep: Sweep): AsyncGenerator<FinishedTraining> {
  const there = new Set(await readdir(join(path, TRAININGS)).catch(() => []));
  for (const { name } of sweepTrainings(sweep)) {
    const own = trainingFolder(path, name);
    if (!there.has(name) || !(await RunFolder.holdsRun(own))) continue;
    const { training, timings, environment, dataset } = await readResults<TrainResults>(
      await RunFolder.view(own),
      TRAIN_RESULTS,
    );
    if (training !== null && timings !== null) yield { name, environment, dataset, training, timings };
  }
}

/** Writes results.json of a study, and results.csv with a row for each training: what varies, and its scores. */
export async function writeSweep(folder: RunFolder, results: SweepResults): Promise<void> {
  await folder.writeJson('results.json', results);
  const varied = Object.keys(results.sweep.grid);
  const scores = [...SCORE_NAMES, 'balancedAccuracy', 'macroF1'] as const;
  await folder.writeCsv<string>(
    'results.csv',
    ['training', 'seed', ...varied, ...scores, 'loss_on_test'],
    Object.entries(results.trainings).map(([training, { recipe, test }]) => ({
      training,
      seed: recipe.seed,
      ...Object.fromEntries(
        varied.map((field) => [field, `${recipe[field as keyof typeof recipe] ?? ''}`.replaceAll(',', ' ')]),
      ),
      ...Object.fromEntries(scores.map((score) => [score, scoreOfTest(test, score) ?? ''])),
      loss_on_test: test.loss,
    })),
  );
}

/** Those of a study's trainings that are not finished. finished: those that are, by name. */
export function missingTrainings(sweep: Sweep, finished: Pick<ReadonlyMap<string, unknown>, 'has'>): SweepTraining[] {
  return sweepTrainings(sweep).filter(({ name }) => !finished.has(name));
}

/** The folder of a study, made where it is not there. @throws UserError where it holds another one, or another run. */
export async function sweepFolder(path: string, sweep: Sweep): Promise<RunFolder> {
  await checkSweep(path, sweep);
  return RunFolder.at(path);
}

/** @throws UserError where a folder holds another study, or another run. */
export async function checkSweep(path: string, sweep: Sweep): Promise<void> {
  if (!(await RunFolder.holdsRun(path))) return;
  const earlier = await readResults<SweepResults>(await RunFolder.view(path), SWEEP_RESULTS);
  if (JSON.stringify(sweepSchema.parse(earlier.sweep)) !== JSON.stringify(sweep)) {
    throw new UserError(`${path} holds another sweep; name another folder with --into, or remove it.`);
  }
}

/** Where a training of a study stands. name: the training's. */
export function trainingFolder(path: string, name: string): string {
  return join(path, TRAININGS, name);
}
