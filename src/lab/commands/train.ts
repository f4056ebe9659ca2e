import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImageDataset, isKnown } from '../../data/image_dataset.ts';
import { longTailedData } from '../../data/training_data.ts';
import { scoreNames } from '../../metrics/scores.ts';
import { formatSummary, summarize } from '../../nn/summary.ts';
import { writeWeights } from '../../nn/weights/write_weights.ts';
import { makeFolder, writeFileAtomically } from '../../node/atomic_file.ts';
import { openDevice } from '../../node.ts';
import { UserError } from '../../runtime/errors.ts';
import type { RungName } from '../../runtime/rungs.ts';
import { completeRecipe, recipeName } from '../../train/recipe.ts';
import { type LogName, openTrainingLog } from '../log/index.ts';
import { trainingCurves } from '../plots/index.ts';
import { type DataReading, ownReadingOf, readingOf } from '../run/data_fields.ts';
import { adapterLine, dataLines, describeData, describeTraining, tailLines } from '../run/describe_results.ts';
import { DONE, STOPPED } from '../run/exit_codes.ts';
import { scoreOfTest, type TrainingResults } from '../run/lab_results.ts';
import { confusionOf } from '../run/log_network.ts';
import { writeProfile } from '../run/profile_files.ts';
import { recordOf } from '../run/recorded_network.ts';
import { describeEnvironment } from '../run/run_environment.ts';
import { RunFolder } from '../run/run_folder.ts';
import { type GivenPlace, openPlace } from '../run/run_place.ts';
import { applyRungs } from '../run/rung_cache.ts';
import {
  configureTraining,
  givenRecipe,
  recipeOf,
  startOf,
  TRAIN_RESULTS,
  TRAIN_RESULTS_VERSION,
  type TrainingConfiguration,
  type TrainResults,
} from '../run/train_results.ts';
import type { TrainedModel } from '../run/trained_model.ts';
import { TrainingCache } from '../run/training_cache.ts';
import { courseOf, historyTable } from '../run/training_history.ts';
import { TrainingPlan } from '../run/training_plan.ts';
import { applyVerification } from '../run/verification.ts';
import { goesOnWith } from '../run/way_on.ts';
import { readWeightsFile, type WeightsFile } from '../run/weights_file.ts';
import { checkFits, fineTuningExtras, startingLines } from '../transfer/fine_tuned_network.ts';
import { type GivenBeginning, startingFrom } from '../transfer/fine_tuning.ts';
import { checkData, chooseDataset, recordedData } from './choose_dataset.ts';
import { normalisedAs, scoresForPeople, scoresForPrograms } from './evaluate.ts';
import { earlierEnd, prolongedTraining } from './prolonged_training.ts';
import { WatchedDiagnosis } from './watched_diagnosis.ts';

/** File of a training's weights in its folder. */
const WEIGHTS = 'weights.safetensors';

export interface TrainOptions extends GivenBeginning, GivenPlace {
  dataDir?: string;
  /** Parent of the training's folder. */
  out: string;
  /** Folder of a finished training to go on with, in another folder, to `epochs` in all; all else is as it was. */
  continue?: string;
  adapter?: string;
  /** Most bytes of images that are kept on the device. */
  imageMemory?: number;
  /** Version of the kernels to take wherever it can run. Default: as measured on the adapter. */
  rung?: RungName;
  /** Watch the training and say what goes wrong. */
  diagnose?: boolean;
  /** Look at every operation's output and gradient. See `TrainingTask.detectAnomaly`. */
  detectAnomaly?: boolean;
  /** Time every kernel. */
  profile?: boolean;
  /** A log for other programs to write besides. */
  log?: LogName;
  json?: boolean;
  signal: AbortSignal;
}

/**
 * Trains one network, tests it, and writes everything under one folder: results.json, history.csv, weights.safetensors with PyTorch's names
 * and layouts, figures, and the checkpoint it goes on from where it was stopped.
 *
 * @returns the exit code: 0 when all is done, 130 where it was stopped and can be resumed
 */
export async function runTrain(options: TrainOptions): Promise<number> {
  const folders: RunFolder[] = [];
  try {
    return await trainIn(folders, options);
  } finally {
    for (const folder of folders) folder.release();
  }
}

/** `runTrain`; notes the folders that it locks. */
async function trainIn(folders: RunFolder[], options: TrainOptions): Promise<number> {
  const { signal, json = false, adapter, imageMemory, rung, profile = false, dataDir } = options;
  const say = json ? () => {} : (text: string) => console.log(text);
  checkData(options.data);
  const file = options.weights === undefined ? undefined : await readWeightsFile(options.weights);
  const given = startingFrom(options, file);
  const longer = options.continue === undefined ? undefined : await prolongedTraining(options.continue, options.epochs);
  const place = await openPlace<TrainResults>(options, TRAIN_RESULTS, ({ configuration, training }, { path }) => {
    checkSame(path, given, configuration, longer?.configuration);
    if (training) tellDone(path, training, json);
    return training !== null;
  });
  if (place.done) return DONE;
  const { earlier } = place;
  if (place.folder) folders.push(place.folder);
  // Before the data, which may have to be downloaded.
  else await makeFolder(options.out);

  // A recipe that cannot be is known before the data is read, which may take long.
  const natural = options.data !== undefined && !isKnown(options.data);
  const settled = earlier?.configuration ?? longer?.configuration;
  const asked = settled?.recipe ?? givenRecipe(given, { natural });
  const { seed } = asked;
  const gpu = await openDevice({ adapter, imageMemory, seed, profile, rung });
  let { folder } = place;
  try {
    say(adapterLine(gpu, earlier?.environment));
    await applyRungs(gpu, { earlier: earlier?.environment.rungs ?? longer?.rungs, say });
    await applyVerification(gpu, { say });
    if (file && given.fineTuning) checkFits(gpu, asked, file, given.fineTuning);
    const name = settled ? settled.data : options.data;
    const { fineTuning } = settled ?? given;
    const found = await chooseDataset({ ...readingOf(settled ?? options), name, dataDir, signal, say });
    const dataset = normalisedAs(found, fineTuning ?? {});
    say(`Data: ${dataset.name}, ${dataset.source}`);
    const configuration = settled ?? configureTraining(given, recordedData(name ?? dataset.name), dataset);
    const { recipe } = configuration;
    const data = longTailedData(gpu, dataset, { ...configuration, seed });
    for (const line of [...tailLines(configuration, seed), ...data.tail.notes]) say(line);
    const described = describeData(dataset, data);
    for (const line of dataLines(described)) say(line);
    const tuned = fineTuning && { gpu, images: data, classNames: data.classNames, fineTuning };
    const end = earlier ? undefined : await earlierEnd(configuration, data);
    if (tuned && file && !earlier) for (const line of startingLines({ ...tuned, recipe, file })) say(line);

    if (folder === undefined) {
      folder = await RunFolder.create(options.out, recipeName(recipe));
      folders.push(folder);
    }
    const run: TrainResults = earlier ?? {
      format: 'wgrad-training',
      version: TRAIN_RESULTS_VERSION,
      configuration,
      environment: { ...describeEnvironment(gpu) },
      dataset: described,
      training: null,
      timings: null,
    };
    await folder.writeJson('results.json', run);
    if (longer && !earlier) say(longer.line);
    const { path } = folder;
    const { log } = options;
    const diagnosis = options.diagnose ? new WatchedDiagnosis(say) : undefined;
    const models = new TrainingCache({
      ...{ gpu, folder, data, signal, say, seeds: 1, plan: new TrainingPlan([]), watch: diagnosis?.watch },
      detectAnomaly: options.detectAnomaly,
      keepLast: true,
      isDone: () => run.training !== null,
      onTrained: async () => {},
      log: log && { open: () => openTrainingLog(log, path), settings: { ...configuration, recipe: null } },
    });
    const start = startOf(configuration);
    // A training that is begun has all of them in its checkpoint.
    const isBegun = (await readdir(folder.file('checkpoints'))).length > 0;
    const earlierOne = isBegun ? undefined : (end ?? (await earlierEnd(configuration, data)));
    const weightsFile = isBegun || earlierOne ? undefined : await weightsOf(configuration, file);
    const trained = await models.trained(recipe, {
      ...(tuned && fineTuningExtras({ ...tuned, file: weightsFile })),
      ...(start && { start }),
      ...(earlierOne && { earlier: earlierOne }),
    });
    const { totals } = await trained.withModel((model) =>
      summarize(model, [1, dataset.height, dataset.width, dataset.channels]),
    );
    say(formatSummary({ rows: [], totals }).split('\n').at(-1) ?? '');
    const weights = await writeTraining(folder, trained, dataset, configuration);
    await writeProfile(gpu, folder.path, say);
    await folder.writeJson('results.json', { ...run, training: describeTraining(trained), timings: trained.timings });
    if (json)
      console.log(
        JSON.stringify({
          folder: folder.path,
          weights,
          ...scoresForPrograms(trained.evaluation),
          ...(diagnosis && { findings: diagnosis.findings }),
        }),
      );
    say(scoresForPeople(trained.evaluation, dataset));
    say(`\nResults and figures: ${folder.path}\nWeights: ${weights}`);
    return DONE;
  } catch (error) {
    const goOn = folder && (await folder.has('results.json')) && `npx wgrad train --resume ${folder.path}`;
    if (!signal.aborted || error !== signal.reason) throw goOn ? goesOnWith(error, goOn) : error;
    if (!folder || !goOn) say('\nStopped.');
    else say(`\nStopped. Everything so far is in ${folder.path}; go on with: ${goOn}`);
    return STOPPED;
  } finally {
    gpu.close();
  }
}

/** Says that a training was finished before: for programs, what it says when it is. */
function tellDone(path: string, { test }: TrainingResults, json: boolean): void {
  const scores = scoreNames(true).map((name) => [name, scoreOfTest(test, name)]);
  const found = { ...Object.fromEntries(scores), loss: test.loss, count: test.samples };
  console.log(
    json ? JSON.stringify({ folder: path, weights: join(path, WEIGHTS), ...found }) : `${path}: done before.`,
  );
}

/** What decides whether a folder holds the training that options ask for, of which it is told as much as its own configuration says. */
function askedFor(options: GivenBeginning, { data, recipe, maxPerClass }: TrainingConfiguration) {
  return {
    // What is held out, and how many images the largest class has, depends on the data set where nothing is said.
    recipe: completeRecipe(recipeOf({ ...options, validation: options.validation ?? recipe.validation })),
    data: options.data === undefined ? data : recordedData(options.data),
    reading: readingIn(options, data),
    imbalance: options.imbalance ?? (isKnown(data) ? 1 : null),
    imbalanceType: options.imbalanceType,
    tailImages: options.tailImages,
    maxPerClass: options.maxPerClass ?? maxPerClass,
    testPerClass: options.testPerClass ?? null,
    fineTuning: options.fineTuning,
    continued: undefined,
  };
}

/** How a data set is read. */
function readingIn(given: DataReading, data: string): DataReading {
  return isKnown(data) ? readingOf(given) : ownReadingOf(given);
}

/** @throws UserError where a folder holds another training than the one that the options ask for, or than `longer`. */
function checkSame(
  path: string,
  options: GivenBeginning,
  configuration: TrainingConfiguration,
  longer?: TrainingConfiguration,
): void {
  const { recipe, data, imbalance, imbalanceType, tailImages, maxPerClass, testPerClass } = configuration;
  const { fineTuning, continued } = configuration;
  const reading = readingIn(configuration, data);
  const amount = { imbalance, imbalanceType, tailImages, maxPerClass, testPerClass };
  const [asked, there] = longer
    ? [longer, configuration]
    : [askedFor(options, configuration), { recipe, data, reading, ...amount, fineTuning, continued }];
  if (JSON.stringify(asked) === JSON.stringify(there)) return;
  throw new UserError(
    `${path} holds a training by another recipe or on other images; name another folder, or remove it.`,
  );
}

/** The weights that a training begins from. Throws UserError where the file is no longer what it was. */
async function weightsOf(
  { weights, fineTuning }: TrainingConfiguration,
  read?: WeightsFile,
): Promise<WeightsFile | undefined> {
  if (weights === undefined) return undefined;
  const file = read ?? (await readWeightsFile(weights));
  if (file.sha256 === fineTuning?.weights) return file;
  throw new UserError(`${weights} has changed since the training was to begin from it; start a new run.`);
}

/** Writes what was learnt and how it went, save results.json. Returns the file of the weights. */
async function writeTraining(
  folder: RunFolder,
  trained: TrainedModel,
  dataset: ImageDataset,
  configuration: TrainingConfiguration,
): Promise<string> {
  const { recipe, history, evaluation, timings } = trained;
  const file = folder.file(WEIGHTS);
  const notes = recordOf({ ...configuration, model: recipe.model, width: recipe.width }, dataset);
  await writeFileAtomically(file, await trained.withModel((model) => writeWeights(model, notes)));
  await folder.writeCsv('history.csv', ...historyTable(history, timings.epochSeconds));
  await folder.writeFigure(trainingCurves({ runs: [courseOf(recipeName(recipe), history)], evalName: 'validation' }));
  await folder.writeFigure(confusionOf(evaluation, dataset.classNames));
  return file;
}
