import { type ImageDataset, isKnown } from '../../data/image_dataset.ts';
import { longTailedData } from '../../data/training_data.ts';
import { formatSummary, summarize } from '../../nn/summary.ts';
import { writeWeights } from '../../nn/weights/write_weights.ts';
import { makeFolder, writeFileAtomically } from '../../node/atomic_file.ts';
import { FolderInUse } from '../../node/folder_lock.ts';
import { openDevice } from '../../node.ts';
import { UserError } from '../../runtime/errors.ts';
import type { Rung } from '../../runtime/rungs.ts';
import { completeRecipe, recipeName } from '../../train/recipe.ts';
import { type LogName, openTrainingLog } from '../log/index.ts';
import { trainingCurves } from '../plots/index.ts';
import { readingOf } from '../run/data_fields.ts';
import { adapterLine, dataLines, describeData, describeTraining } from '../run/describe_results.ts';
import { DONE, STOPPED } from '../run/exit_codes.ts';
import { confusionOf } from '../run/log_network.ts';
import { writeProfile } from '../run/profile_files.ts';
import { recordOf } from '../run/recorded_network.ts';
import { readResults } from '../run/results_file.ts';
import { describeEnvironment } from '../run/run_environment.ts';
import { RunFolder } from '../run/run_folder.ts';
import { applyRungs } from '../run/rung_cache.ts';
import {
  configureTraining,
  type GivenTraining,
  givenRecipe,
  recipeOf,
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
import { checkData, chooseDataset, recordedData } from './choose_dataset.ts';
import { scoresForPeople, scoresForPrograms } from './evaluate.ts';
import { WatchedDiagnosis } from './watched_diagnosis.ts';

export interface TrainOptions extends GivenTraining {
  /** A name, or where images of one's own are. */
  data?: string;
  dataDir?: string;
  /** Parent of the training's folder. */
  out: string;
  /** Folder of a training to go on with; its own configuration holds. */
  resume?: string;
  /** The training's folder itself: begun there, gone on with there, or done there already. */
  into?: string;
  adapter?: string;
  /** Most bytes of images that are kept on the device. */
  imageMemory?: number;
  /** Version of the kernels to take wherever it can run. Default: as measured on the adapter. */
  rung?: Rung;
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
  const { into } = options;
  const from = options.resume ?? (into !== undefined && (await RunFolder.holdsRun(into)) ? into : undefined);
  const earlierFolder = from === undefined ? undefined : await RunFolder.open(from);
  if (earlierFolder) folders.push(earlierFolder);
  const earlier = earlierFolder && (await readResults<TrainResults>(earlierFolder, TRAIN_RESULTS));
  if (into !== undefined && earlier) {
    checkSame(into, options, earlier);
    if (earlier.training) {
      say(`${into}: done before.`);
      return DONE;
    }
  }
  // Before the data, which may have to be downloaded.
  if (!earlier) await makeFolder(into ?? options.out);

  // A recipe that cannot be is known before the data is read, which may take long.
  const natural = options.data !== undefined && !isKnown(options.data);
  const { seed } = earlier?.configuration.recipe ?? givenRecipe(options, { natural });
  const gpu = await openDevice({ adapter, imageMemory, seed, profile, rung });
  let folder = earlierFolder;
  try {
    say(adapterLine(gpu));
    await applyRungs(gpu, { earlier: earlier?.environment.rungs, say });
    await applyVerification(gpu, { say });
    const { configuration: settled } = earlier ?? {};
    const name = settled ? settled.data : options.data;
    const dataset = await chooseDataset({ ...readingOf(settled ?? options), name, dataDir, signal, say });
    say(`Data: ${dataset.name}, ${dataset.source}`);
    const configuration =
      earlier?.configuration ?? configureTraining(options, recordedData(name ?? dataset.name), dataset);
    const { recipe } = configuration;
    const data = longTailedData(gpu, dataset, { ...configuration, seed });
    for (const note of data.tail.notes) say(note);
    const described = describeData(dataset, data);
    for (const line of dataLines(described)) say(line);

    if (folder === undefined) {
      folder = into === undefined ? await RunFolder.create(options.out, recipeName(recipe)) : await beginAt(into);
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
    const { path } = folder;
    const { log } = options;
    const diagnosis = options.diagnose ? new WatchedDiagnosis(say) : undefined;
    const models = new TrainingCache({
      ...{ gpu, folder, data, signal, say, seeds: 1, plan: new TrainingPlan([]), watch: diagnosis?.watch },
      detectAnomaly: options.detectAnomaly,
      isDone: () => run.training !== null,
      onTrained: async () => {},
      log: log && { open: () => openTrainingLog(log, path), settings: { ...configuration, recipe: null } },
    });
    const trained = await models.trained(recipe);
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
    const goOn = folder && `npx wgrad train --resume ${folder.path}`;
    if (!signal.aborted || error !== signal.reason) throw goOn ? goesOnWith(error, goOn) : error;
    if (folder === undefined) say('\nStopped.');
    else say(`\nStopped. Everything so far is in ${folder.path}; go on with: ${goOn}`);
    return STOPPED;
  } finally {
    gpu.close();
  }
}

/** A folder for a training that begins there, locked. Throws FolderInUse where another process works in it or has begun there meanwhile. */
async function beginAt(path: string): Promise<RunFolder> {
  const folder = await RunFolder.at(path);
  await folder.lock();
  if (!(await RunFolder.holdsRun(path))) return folder;
  folder.release();
  throw new FolderInUse(`Another process began a training in ${path} meanwhile; run the command again to go on there.`);
}

/** @throws UserError where a folder holds another training than the one that the options ask for. */
function checkSame(path: string, options: TrainOptions, { configuration }: TrainResults): void {
  const { data, recipe, imbalance, maxPerClass, testPerClass } = configuration;
  // What is held out, and how many images the largest class has, depends on the data set where nothing is said.
  const asked = {
    recipe: completeRecipe(recipeOf({ ...options, validation: options.validation ?? recipe.validation })),
    data: options.data === undefined ? data : recordedData(options.data),
    reading: readingOf(options),
    imbalance: options.imbalance ?? (isKnown(data) ? 1 : null),
    maxPerClass: options.maxPerClass ?? maxPerClass,
    testPerClass: options.testPerClass ?? null,
  };
  const there = { recipe, data, reading: readingOf(configuration), imbalance, maxPerClass, testPerClass };
  if (JSON.stringify(asked) === JSON.stringify(there)) return;
  throw new UserError(
    `${path} holds a training by another recipe or on other images; name another folder, or remove it.`,
  );
}

/** Writes what was learnt and how it went, save results.json. Returns the file of the weights. */
async function writeTraining(
  folder: RunFolder,
  trained: TrainedModel,
  dataset: ImageDataset,
  configuration: TrainingConfiguration,
): Promise<string> {
  const { recipe, history, evaluation, timings } = trained;
  const file = folder.file('weights.safetensors');
  const notes = recordOf({ ...configuration, model: recipe.model, width: recipe.width }, dataset);
  await writeFileAtomically(file, await trained.withModel((model) => writeWeights(model, notes)));
  await folder.writeCsv('history.csv', ...historyTable(history, timings.epochSeconds));
  await folder.writeFigure(trainingCurves({ runs: [courseOf(recipeName(recipe), history)], evalName: 'validation' }));
  await folder.writeFigure(confusionOf(evaluation, dataset.classNames));
  return file;
}
