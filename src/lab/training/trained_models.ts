import { createHash } from 'node:crypto';
import type { Gpu } from '../../kernels/gpu.ts';
import { Philox } from '../../kernels/philox.ts';
import type { Loss } from '../../nn/losses/loss.ts';
import type { ImageClassifier } from '../../nn/models/image_classifier.ts';
import type { Optimizer } from '../../nn/optimizers/optimizer.ts';
import type { Sampler } from '../data/samplers/sampler.ts';
import { meanScores, type Scores, scoresOf } from '../metrics/scores.ts';
import { Progress } from '../progress.ts';
import type { RunFolder } from '../run_folder.ts';
import { percent } from '../table.ts';
import { UserError } from '../user_error.ts';
import { type EpochRecord, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import {
  type FinishedTraining,
  isFinishedTraining,
  loadFinishedTraining,
  saveFinishedTraining,
  type TrainingTimings,
} from './finished_training.ts';
import {
  buildAugmentation,
  buildLoss,
  buildModel,
  buildOptimizer,
  buildSampler,
  buildSchedule,
  buildSource,
  type Recipe,
  recipeName,
  recipeSchema,
} from './recipe.ts';
import { type Objective, train } from './trainer.ts';
import type { TrainingData } from './training_data.ts';
import { plannedKey, type TrainingPlan } from './training_plan.ts';

/**
 * What a recipe cannot say. Each part is made from the recipe, whose seed differs where a training is repeated; what is left out is as the
 * recipe has it. All that changes the outcome must be told by `variant` and the recipe together: they are what a training is known by.
 */
export interface TrainingExtras {
  /** Names what is different: small letters, digits and '-', as 'se-attention' or 'transfer-partial'. */
  variant: string;
  /** Other images to train and test on than the run's. */
  data?: TrainingData;
  /** Another network, or the recipe's with other first weights. Also made where the trained weights are read back into it. */
  buildModel?(recipe: Recipe): ImageClassifier | Promise<ImageClassifier>;
  buildOptimizer?(recipe: Recipe, model: ImageClassifier): Optimizer;
  buildSampler?(recipe: Recipe): Sampler;
  /** criterion: the recipe's loss. */
  buildObjective?(criterion: Loss, recipe: Recipe): Objective<ImageClassifier>;
  /** In place of `model.train()`, for a network of which a part stays in evaluation mode. */
  setMode?(model: ImageClassifier): void;
}

/** A network that was trained by a recipe and tested. */
export interface TrainedModel extends FinishedTraining {
  /** Knows it among all trainings of all runs, and is the stem of its checkpoint's name: 'custom-cnn-ce-adam-1f2e3d4c'. */
  key: string;
  recipe: Recipe;
  variant?: string;
  /** Whether it was trained and tested on the run's images, so that its scores may stand beside others. */
  ownData: boolean;
  model: ImageClassifier;
  evaluation: Evaluation;
  /** One record an epoch. */
  history: EpochRecord[];
  timings: TrainingTimings;
  /** Means over the repetitions with other seeds, of which this is the first. */
  scores: Scores;
  /** Standard deviation over them; null where there is one. */
  deviations: Scores | null;
  /** All repetitions, this one first. Without `--seeds`, this one alone. */
  repeats: readonly Repetition[];
}

/** A training with one seed. */
export type Repetition = Omit<TrainedModel, 'scores' | 'deviations' | 'repeats'>;

export interface TrainedModelsOptions {
  gpu: Gpu;
  folder: RunFolder;
  data: TrainingData;
  /** Repetitions of each training, with seeds that follow each other. */
  seeds: number;
  signal: AbortSignal;
  plan: TrainingPlan;
  /** Whether the run has noted a training as done, whose checkpoint must then be there. */
  isDone: (key: string) => boolean;
  onTrained: (trained: Repetition) => Promise<void>;
}

/** Variants name files. */
const VARIANT = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** The trainings of a run, each made once: equal recipes on equal data are one, also when the run was stopped and goes on. */
export class TrainedModels {
  #options: TrainedModelsOptions;
  #trained = new Map<string, Promise<Repetition>>();
  /** One training at a time: they share the device and its generator. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: TrainedModelsOptions) {
    this.#options = options;
  }

  /** See `LabContext.trained`. */
  async trained(recipe: Recipe, extras?: TrainingExtras): Promise<TrainedModel> {
    const repeats: Repetition[] = [];
    for (let n = 0; n < this.#options.seeds; n++) {
      // Parsed, its fields are in order.
      repeats.push(await this.#once(recipeSchema.parse({ ...recipe, seed: recipe.seed + n }), extras));
    }
    const { mean, deviation } = meanScores(repeats.map(({ evaluation }) => scoresOf(evaluation.metrics)));
    return { ...repeats[0], scores: mean, deviations: deviation, repeats };
  }

  #once(recipe: Recipe, extras: TrainingExtras | undefined): Promise<Repetition> {
    const variant = extras?.variant;
    if (variant !== undefined && !VARIANT.test(variant)) {
      throw new RangeError(`A variant is named by small letters, digits and '-', not '${variant}'.`);
    }
    const { identity, key } = identify(recipe, variant, extras?.data ?? this.#options.data);
    const known = this.#trained.get(key);
    if (known) return known;
    const made = this.#last.then(() => this.#make(key, identity, recipe, extras));
    this.#last = made.catch(() => {});
    this.#trained.set(key, made);
    // One that failed may be tried again.
    made.catch(() => this.#trained.delete(key));
    return made;
  }

  async #make(key: string, identity: string, recipe: Recipe, extras?: TrainingExtras): Promise<Repetition> {
    const { gpu, folder, data: own, signal, plan, isDone, onTrained } = this.#options;
    signal.throwIfAborted();
    const data = extras?.data ?? own;
    const ownData = data.identity === own.identity;
    const planned = plannedKey(recipe, extras?.variant, ownData);
    const path = folder.file('checkpoints', `${key}.safetensors`);
    const exists = await folder.has('checkpoints', `${key}.safetensors`);
    if (!exists && isDone(key)) {
      throw new UserError(
        `The checkpoint ${path} is missing, though the run has finished that training; start a new run.`,
      );
    }
    gpu.generator = new Philox(recipe.seed).state();
    const model = (await extras?.buildModel?.(recipe)) ?? buildModel(gpu, recipe, data);
    const finished =
      exists && (await isFinishedTraining(path))
        ? await loadFinishedTraining(path, model, data.test, identity)
        : await this.#train({ planned, identity, recipe, extras, model, data, path, exists });
    plan.finish(planned, finished.timings.trainingSeconds + finished.timings.evaluationSeconds);
    model.eval();
    const trained = {
      key,
      recipe,
      variant: extras?.variant,
      ownData,
      model,
      ...finished,
    };
    await onTrained(trained);
    return trained;
  }

  async #train({
    planned,
    identity,
    recipe,
    extras,
    model,
    data,
    path,
    exists,
  }: NewTraining): Promise<FinishedTraining> {
    const { gpu, signal, plan } = this.#options;
    const { epochs, batchSize, seed } = recipe;
    const { test } = data;
    const source = buildSource(recipe, data);
    const optimizer = extras?.buildOptimizer?.(recipe, model) ?? buildOptimizer(recipe, model.parameters());
    const criterion = buildLoss(recipe, data);
    const sampler = extras?.buildSampler?.(recipe) ?? buildSampler(recipe, source, data);
    const draws = sampler.count;
    const steps = Math.ceil(draws / batchSize);
    const schedule = buildSchedule(recipe, optimizer, steps);
    const tensors = { model, optimizer, schedule };
    const position = exists ? await loadCheckpoint(path, tensors, identity) : undefined;

    const done = position ? position.epoch * steps + position.step : 0;
    const begun = performance.now();
    const seconds = () => (performance.now() - begun) / 1000;
    const title = `${plan.place(planned)}${recipeName(recipe, extras?.variant)}`;
    const progress = new Progress(title, epochs * steps, done);
    const training = await train({
      ...{ gpu, model, optimizer, criterion, schedule, source, sampler, epochs, batchSize, seed, signal, position },
      augmentation: buildAugmentation(recipe, data),
      clipNorm: recipe.clipNorm ?? undefined,
      objective: extras?.buildObjective?.(criterion, recipe),
      setMode: extras?.setMode,
      onProgress: ({ epoch, step, loss, accuracy, imagesPerSecond }) =>
        progress.update(step, [
          `epoch ${epoch}/${epochs}`,
          `loss ${loss.toFixed(3)}`,
          `accuracy ${percent(accuracy)}`,
          `${imagesPerSecond.toFixed(0)} images/s`,
          ...plan.left(planned, (step - done) / (epochs * steps - done), seconds()),
        ]),
      onCheckpoint: (at) => saveCheckpoint(path, tensors, at, identity),
    }).finally(() => progress.stop());
    optimizer.zeroGrad();
    signal.throwIfAborted();

    const started = performance.now();
    const testing = new Progress(`${title} test`, test.count);
    const evaluation = await evaluate({
      ...{ gpu, model, batchSize, signal },
      source: test,
      onProgress: (done, total) => testing.update(done, [`${done} of ${total} images`]),
    }).finally(() => testing.stop());
    const trainingSeconds = training.epochSeconds.reduce((sum, seconds) => sum + seconds, 0);
    const finished = {
      history: training.history,
      evaluation,
      timings: {
        trainingSeconds,
        epochSeconds: training.epochSeconds,
        imagesPerSecond: (training.epochSeconds.length * draws) / trainingSeconds,
        evaluationSeconds: (performance.now() - started) / 1000,
      },
    };
    await saveFinishedTraining(path, model, finished, identity);
    return finished;
  }
}

interface NewTraining {
  /** Its key in the plan. */
  planned: string;
  identity: string;
  recipe: Recipe;
  extras: TrainingExtras | undefined;
  model: ImageClassifier;
  data: TrainingData;
  path: string;
  /** Whether there is a checkpoint to go on from. */
  exists: boolean;
}

/** What a training is known by: all that decides it as one text, and a short name. */
export function identify(
  recipe: Recipe,
  variant: string | undefined,
  data: Pick<TrainingData, 'identity'>,
): { identity: string; key: string } {
  const identity = JSON.stringify({ recipe: recipeSchema.parse(recipe), variant, data: data.identity });
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 8);
  return { identity, key: `${recipeName(recipe, variant)}-${hash}` };
}
