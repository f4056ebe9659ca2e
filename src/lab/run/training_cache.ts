import type { TrainingData } from '../../data/training_data.ts';
import { meanScores, scoresOf } from '../../metrics/scores.ts';
import type { Module } from '../../nn/module.ts';
import type { Optimizer } from '../../nn/optimizers/optimizer.ts';
import { countParameters } from '../../nn/summary.ts';
import { UserError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { Philox } from '../../runtime/philox.ts';
import { DEFAULT_WATCHED, type EpochChoice } from '../../train/best_epoch.ts';
import { type CheckpointFile, decodeCheckpoint } from '../../train/checkpoint.ts';
import type { ValidationRecord } from '../../train/epoch_record.ts';
import { evaluate } from '../../train/evaluation.ts';
import {
  keepLastCheckpoint,
  readCheckpointFile,
  readNewestCheckpoint,
  saveCheckpoint,
  saveTrainingRecord,
} from '../../train/files/checkpoint_files.ts';
import { learningParameters } from '../../train/freeze.ts';
import { cutEpoch, stepsPerEpoch } from '../../train/last_batch.ts';
import {
  buildAugmentation,
  buildData,
  buildLoss,
  buildModel,
  buildOptimizer,
  buildSampler,
  buildSchedule,
  buildSource,
  type Recipe,
  recipeName,
  recordedRecipe,
} from '../../train/recipe.ts';
import { train } from '../../train/trainer.ts';
import { decodeTrainingRecord, isTrainingRecord, type TrainingRecord } from '../../train/training_record.ts';
import type { Training, TrainingTask } from '../../train/training_task.ts';
import { settingsOf } from '../log/settings.ts';
import type { TrainingLog } from '../log/training_log.ts';
import { Progress } from '../terminal/progress.ts';
import { percent } from '../terminal/text_table.ts';
import { takeUp } from './continuation.ts';
import { logNetwork } from './log_network.ts';
import { type GivenRecipe, NAME, OwnPartNames, type OwnParts } from './own_parts.ts';
import { ResidentNetwork, releaseTensors } from './resident_network.ts';
import type { RunFolder } from './run_folder.ts';
import { firstStageRecipe, type Stage, secondStage } from './second_stage_training.ts';
import type { Repetition, TrainedModel, TrainingExtras } from './trained_model.ts';
import { identify } from './training_identity.ts';
import { plannedKey, type TrainingPlan } from './training_plan.ts';

/** What a run's trainings have in common. */
export interface TrainingCacheOptions {
  gpu: Gpu;
  folder: RunFolder;
  data: TrainingData;
  /** Repetitions of each training, with seeds that follow each other. */
  seeds: number;
  signal: AbortSignal;
  /** Told in a sentence what was decided for the user before a training begins. */
  say: (text: string) => void;
  plan: TrainingPlan;
  /** Whether the run has noted a training as done, whose checkpoint must then be there. */
  isDone: (key: string) => boolean;
  onTrained: (trained: Repetition) => Promise<void>;
  /** What tells other programs of each training that is not done yet: a log of its own, which begins with these settings and the recipe. */
  log?: { open: (key: string) => TrainingLog; settings: object };
  /** See `TrainingTask.detectAnomaly`. */
  detectAnomaly?: boolean;
  /** Keep each training's last checkpoint, from which it can be prolonged. */
  keepLast?: boolean;
  /** Watches each training, until it ends. Its numbers stay the same. */
  watch?: (training: WatchedTraining) => TrainingWatch;
}

/** What can be known of a training before its first step by whoever watches it. */
export interface WatchedTraining {
  model: Module;
  optimizer: Optimizer;
  stepsPerEpoch: number;
}

/** Whoever watches a training. */
export interface TrainingWatch {
  /** See `TrainingTask.watchStep`. */
  step: NonNullable<TrainingTask['watchStep']>;
  /** The training ended, whichever way. */
  finish(): Promise<unknown>;
}

/** What is not as the recipe's names say: extras, and parts of the recipe's own. */
type Making = Partial<TrainingExtras> & { parts: OwnParts; stage?: (data: TrainingData) => Stage };

/** The trainings of a run, each made once: equal recipes on equal data are one, also when the run was stopped and goes on. */
export class TrainingCache {
  #options: TrainingCacheOptions;
  #trained = new Map<string, Promise<Repetition>>();
  #resident = new ResidentNetwork<Module>();
  #names = new OwnPartNames();
  /** One training at a time: they share the device and its generator. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: TrainingCacheOptions) {
    this.#options = options;
  }

  /** See `LabContext.trained`. A variant may be left out where all that is different is told by `start`. */
  async trained(given: GivenRecipe, extras?: Partial<TrainingExtras>): Promise<TrainedModel> {
    const { recipe, parts } = this.#names.split(given);
    const repeats: Repetition[] = [];
    for (let n = 0; n < this.#options.seeds; n++) {
      // Parsed, its fields are in order.
      const seeded = recordedRecipe.parse({ ...recipe, seed: recipe.seed + n }) as Recipe;
      repeats.push(await this.#bothStages(seeded, { ...extras, parts }));
    }
    const { mean, deviation } = meanScores(repeats.map(({ evaluation }) => scoresOf(evaluation.metrics)));
    return { ...repeats[0], scores: mean, deviations: deviation, repeats };
  }

  /** A training, and the one that it goes on from where it is a second stage: several may go on from one. */
  async #bothStages(recipe: Recipe, extras: Making): Promise<Repetition> {
    if (recipe.secondStage === undefined) return this.#once(recipe, extras);
    const { gpu, signal } = this.#options;
    const first = await this.#once(firstStageRecipe(recipe), extras);
    const stage = (data: TrainingData) => secondStage(gpu, { recipe, first, data, signal });
    return this.#once(recipe, { ...extras, stage });
  }

  #once(recipe: Recipe, extras: Making): Promise<Repetition> {
    const { variant } = extras;
    if (variant !== undefined && !NAME.test(variant)) {
      throw new RangeError(`A variant is named by small letters, digits and '-', not '${variant}'.`);
    }
    const { identity, key } = identify(recipe, variant, extras.data ?? this.#options.data, extras.start);
    const known = this.#trained.get(key);
    if (known) return known;
    const made = this.#last.then(() => this.#make(key, identity, recipe, extras));
    this.#last = made.catch(() => {});
    this.#trained.set(key, made);
    // One that failed may be tried again.
    made.catch(() => this.#trained.delete(key));
    return made;
  }

  async #make(key: string, identity: string, recipe: Recipe, extras: Making): Promise<Repetition> {
    const { gpu, folder, data: own, signal, plan, isDone, onTrained } = this.#options;
    signal.throwIfAborted();
    const data = buildData(recipe, extras.data ?? own);
    const ownData = (extras.data ?? own).identity === own.identity;
    const planned = plannedKey(recipe, extras.variant, ownData);
    const path = folder.file('checkpoints', `${key}.safetensors`);
    const file = await readNewestCheckpoint(path, this.#options.say);
    if (file === undefined && isDone(key)) {
      throw new UserError(
        `The checkpoint ${path} is missing, though the run has finished that training; start a new run.`,
      );
    }
    gpu.generator = new Philox(recipe.seed).state();
    const { model: ownModel } = extras.parts;
    const build = async () =>
      (await extras.buildModel?.(recipe)) ?? ownModel?.(gpu, data, recipe) ?? buildModel(gpu, recipe, data);
    const stage = extras.stage?.(data);
    const isFinished = file !== undefined && isTrainingRecord(file);
    const begun = stage && !isFinished ? await stage.buildModel() : await build();
    const { model, finished } = isFinished
      ? { model: begun, finished: decodeTrainingRecord(file, begun, data.test, identity) }
      : await this.#train({ key, planned, identity, recipe, extras, stage, model: begun, data, path, file });
    plan.finish(planned, finished.timings.trainingSeconds + finished.timings.evaluationSeconds);
    model.eval();
    this.#resident.hold(key, model);
    const load = async () => {
      const { generator } = gpu;
      const again = await build();
      decodeTrainingRecord(await readCheckpointFile(path), again, data.test, identity);
      again.eval();
      gpu.generator = generator;
      return again;
    };
    const trained: Repetition = {
      ...{ key, recipe, variant: extras.variant, ownData, size: countParameters(model), ...finished },
      withModel: (work) => this.#resident.use(key, load, work),
    };
    await onTrained(trained);
    return trained;
  }

  async #train(about: NewTraining): Promise<{ model: Module; finished: TrainingRecord }> {
    const { key, planned, identity, extras, stage, model, data, path, file } = about;
    const { gpu, folder, signal, plan, watch } = this.#options;
    const recipe = stage?.recipe ?? about.recipe;
    const { batchSize, seed } = recipe;
    const epochs = stage?.trains === false ? 0 : recipe.epochs;
    const { parts } = extras;
    const { test } = data;
    const source = (await stage?.buildSource()) ?? buildSource(recipe, data);
    const optimizer =
      extras.buildOptimizer?.(recipe, model) ??
      parts.optimizer?.(learningParameters(model), recipe) ??
      buildOptimizer(recipe, learningParameters(model));
    const criterion = parts.loss?.({ counts: data.counts, epochs }, recipe) ?? buildLoss(recipe, data);
    const { labels, classes } = source;
    const sampler =
      extras.buildSampler?.(recipe) ??
      parts.sampler?.({ labels, classes, seed }, recipe) ??
      buildSampler(recipe, source, data);
    const setMode = stage?.setMode ?? extras.setMode;
    if (setMode) setMode(model);
    else model.train();
    const cut = cutEpoch(model, source.imageShape, {
      count: sampler.count,
      batchSize,
      dropLast: recipe.dropLast ?? false,
    });
    if (cut.notice) this.#options.say(cut.notice);
    const steps = stepsPerEpoch(cut);
    const draws = cut.dropLast ? steps * batchSize : sampler.count;
    const { earlier, start } = extras;
    const ended =
      file === undefined && earlier ? takeUp(earlier, { recipe, model, optimizer, stepsPerEpoch: steps }) : undefined;
    const layout = { ...recipe, epochs: start?.continued?.scheduleEpochs ?? recipe.epochs };
    const schedule = parts.schedule
      ? parts.schedule(optimizer, { epochs, stepsPerEpoch: steps }, recipe)
      : (ended?.schedule ?? buildSchedule(layout, optimizer, steps));
    const tensors = { model, optimizer, schedule };
    const position = file ? decodeCheckpoint(file, tensors, identity) : ended?.position;

    const name = recipeName(about.recipe, extras.variant);
    const log = this.#options.log?.open(key);
    log?.begin(name, settingsOf({ ...this.#options.log?.settings, ...recipe }));
    const title = `${plan.place(planned)}${name}`;
    const progress = new Progress(title, epochs * steps);
    const timeOf = (step: number) => {
      const each = progress.secondsEach;
      return each === undefined ? undefined : { whole: each * epochs * steps, left: each * (epochs * steps - step) };
    };
    const watcher = watch?.({ model, optimizer, stepsPerEpoch: steps });
    const training = await train({
      ...{ gpu, model, optimizer, criterion, schedule, source, sampler, epochs, batchSize, seed, signal, position },
      dropLast: cut.dropLast,
      augmentation: parts.augmentation?.({ counts: data.counts }, recipe) ?? buildAugmentation(recipe, data),
      clipNorm: recipe.clipNorm ?? undefined,
      objective: extras.buildObjective?.(criterion, recipe),
      detectAnomaly: this.#options.detectAnomaly,
      precision: recipe.precision,
      setMode,
      watchStep: watcher && ((step) => watcher.step(step)),
      validation: recipe.validation === undefined ? undefined : data.validation,
      choice: choiceOf(recipe),
      onProgress: ({ epoch, step, loss, accuracy, imagesPerSecond, validation }) => {
        log?.step({ epoch, step, loss, accuracy, imagesPerSecond });
        progress.update(step, () => [
          `epoch ${epoch}/${epochs}`,
          `loss ${loss.toFixed(3)}`,
          `accuracy ${percent(accuracy)}`,
          ...(validation ? [validationPhrase(validation)] : []),
          `${imagesPerSecond.toFixed(0)} images/s`,
          ...plan.left(planned, timeOf(step)),
        ]);
      },
      onCheckpoint: async (at) => {
        const done = at.history.at(-1);
        if (at.step === 0 && done) log?.epoch({ ...done, seconds: at.epochSeconds[done.epoch - 1] });
        await folder.checkLock();
        await saveCheckpoint(path, tensors, at, identity);
      },
    }).finally(() => {
      progress.stop();
      return watcher?.finish();
    });
    this.#sayWhatWasChosen(training, { ...recipe, epochs });
    releaseTensors(optimizer.stateDict().tensors.values());
    optimizer.zeroGrad();
    signal.throwIfAborted();
    const kept = (await stage?.finish(model)) ?? { model };
    if (kept.notice) this.#options.say(kept.notice);

    const started = performance.now();
    const testing = new Progress(`${title} test`, test.count);
    const evaluation = await evaluate({
      ...{ gpu, model: kept.model, batchSize, signal },
      source: test,
      onProgress: (done, total) => testing.update(done, [`${done} of ${total} images`]),
    }).finally(() => testing.stop());
    if (log) {
      await logNetwork(log, { name, model: kept.model, data, evaluation });
      log.end({ ...scoresOf(evaluation.metrics), loss: evaluation.loss });
    }
    const own = training.epochSeconds.reduce((sum, seconds) => sum + seconds, 0);
    const { keep = 'best' } = recipe;
    const { history, best, epochSeconds, skippedSteps } = training;
    const before = stage?.earlier;
    const done = before?.history.length ?? 0;
    const keptEpoch = best ? done + (keep === 'best' ? best.epoch : history.length) : before?.keptEpoch;
    const finished = {
      ...(keptEpoch !== undefined && { keptEpoch }),
      ...(skippedSteps !== undefined && { skippedSteps: skippedSteps + (before?.skippedSteps ?? 0) }),
      history: [...(before?.history ?? []), ...history.map((record) => ({ ...record, epoch: done + record.epoch }))],
      evaluation,
      timings: {
        trainingSeconds: own + (before?.timings.trainingSeconds ?? 0),
        epochSeconds: [...(before?.timings.epochSeconds ?? []), ...epochSeconds],
        imagesPerSecond: own > 0 ? (epochSeconds.length * draws) / own : (before?.timings.imagesPerSecond ?? 0),
        evaluationSeconds: (performance.now() - started) / 1000,
      },
    };
    // Where nothing was trained there is no checkpoint.
    if (this.#options.keepLast && stage?.trains !== false) await keepLastCheckpoint(path);
    await saveTrainingRecord(path, kept.model, finished, identity);
    return { model: kept.model, finished };
  }

  /** Says which epoch is kept, and why the training ended, where that was chosen by the validation images. */
  #sayWhatWasChosen({ finished, history, best }: Training, recipe: Recipe): void {
    const { keep = 'best', keepBy = DEFAULT_WATCHED, epochs, patience } = recipe;
    if (!finished || best === undefined) return;
    const metric = keepBy.replace('-', ' ');
    const early =
      history.length < epochs
        ? `Stopped after epoch ${history.length} of ${epochs}: no better ${metric} on the validation images for ${patience} ${patience === 1 ? 'epoch' : 'epochs'}. `
        : '';
    const kept =
      keep === 'best'
        ? `Kept epoch ${best.epoch}, the best by ${metric}.`
        : `The best by ${metric} was epoch ${best.epoch}; the last is kept.`;
    this.#options.say(`${early}${kept}`);
  }
}

/** How a recipe chooses among epochs; undefined without validation images. */
function choiceOf({ validation, keep = 'best', keepBy, patience }: Recipe): EpochChoice | undefined {
  return validation === undefined ? undefined : { keep, by: keepBy, patience };
}

function validationPhrase({ loss, balancedAccuracy }: ValidationRecord): string {
  return `validation: loss ${loss.toFixed(3)}, balanced accuracy ${percent(balancedAccuracy)}`;
}

interface NewTraining {
  key: string;
  /** Its key in the plan. */
  planned: string;
  identity: string;
  recipe: Recipe;
  extras: Making;
  stage: Stage | undefined;
  model: Module;
  data: TrainingData;
  path: string;
  /** The checkpoint to go on from. */
  file: CheckpointFile | undefined;
}
