import type { BatchSource } from '../../data/batch_source.ts';
import { drawForegroundMoves, type ForegroundMove, moveForeground } from '../../data/moved_foregrounds.ts';
import { orderedBatches } from '../../data/ordered_batches.ts';
import type { TrainingData } from '../../data/training_data.ts';
import { gradCam, lastSpatialLayer } from '../../inspect/grad_cam.ts';
import { asImageClassifier, type ImageClassifier } from '../../nn/models/image_classifier.ts';
import type { Module } from '../../nn/module.ts';
import { UserError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { trainUnfrozen } from '../../train/freeze.ts';
import { buildModel, buildSource, type Recipe, secondEpochsOf } from '../../train/recipe.ts';
import { normalizeLastLayer, ScaledClassifier, withNewLastLayer } from '../../train/second_stage.ts';
import type { TrainingRecord } from '../../train/training_record.ts';
import type { Repetition } from './trained_model.ts';

/** What of a training goes on from another one's network. */
export interface Stage {
  /** What the stage itself is trained by. */
  recipe: Recipe;
  /** How the training before it went. */
  earlier: TrainingRecord;
  /** False where nothing is trained, so that `finish` is all. */
  trains: boolean;
  /** The network to train. */
  buildModel(): Promise<ImageClassifier>;
  setMode(model: Module): void;
  /** The images to train on. */
  buildSource(): Promise<BatchSource>;
  /** The network that is kept, of the kind that the recipe names, from the one that was trained; and what was decided, in a sentence. */
  finish(model: Module): Promise<{ model: Module; notice?: string }>;
}

/** The recipe of the training that a recipe's second stage goes on from. */
export function firstStageRecipe(recipe: Recipe): Recipe {
  return { ...recipe, secondStage: undefined, secondEpochs: undefined, secondLr: undefined };
}

/** What of a recipe says nothing in a second stage: settings of its loss and schedule, and stages of the first. */
const WITHOUT: Partial<Recipe> = {
  ...{ labelSmoothing: undefined, gamma: undefined, beta: undefined, tau: undefined },
  ...{ warmUpEpochs: undefined, plateauEpochs: undefined },
  ...{ smoothHead: undefined, smoothTail: undefined, deferWeights: undefined, deferSampler: undefined },
};

/** The recipe that a second stage itself is trained by: plain cross-entropy along half a cosine, unmixed; classes are drawn alike, or, with cam, are alike. */
function stageRecipe(recipe: Recipe): Recipe {
  const { secondStage, secondLr, augmentation } = recipe;
  const mixes = augmentation === 'mixup' || augmentation === 'cutmix' || augmentation === 'remix';
  return {
    ...{ ...recipe, ...WITHOUT },
    ...{ loss: 'ce', schedule: 'cosine', sampler: secondStage === 'cam' ? 'none' : 'balanced', draws: 'own' },
    ...{
      epochs: Math.max(1, secondEpochsOf(recipe)),
      lr: secondLr ?? (secondStage === 'cam' ? recipe.lr / 10 : recipe.lr),
    },
    ...{ augmentation: mixes ? 'lab' : augmentation },
  };
}

/** The second stage of a recipe that has one, after its first. signal: ends it. */
export function secondStage(
  gpu: Gpu,
  { recipe, first, data, signal }: { recipe: Recipe; first: Repetition; data: TrainingData; signal: AbortSignal },
): Stage {
  const { secondStage: kind, batchSize } = recipe;
  const fresh = () => buildModel(gpu, recipe, data);
  const trained = async () => {
    const model = fresh();
    await first.withModel((earlier) => model.loadStateDict(earlier.stateDict()));
    return model;
  };
  const common = {
    ...{ recipe: stageRecipe(recipe), earlier: first, trains: true, setMode: trainUnfrozen },
    buildModel: trained,
    buildSource: async () => buildSource(stageRecipe(recipe), data),
    finish: async (model: Module) => ({ model }),
  };
  switch (kind) {
    case 'crt':
      return {
        ...common,
        buildModel: () => first.withModel((earlier) => withNewLastLayer(fresh(), earlier)),
      };
    case 'lws':
      return {
        ...common,
        buildModel: async () => new ScaledClassifier(gpu, await trained()),
        finish: async (model) => ({ model: await (model as ScaledClassifier).folded() }),
      };
    case 'tau-norm':
      return {
        ...common,
        trains: false,
        finish: async (network) => {
          const model = asImageClassifier(network);
          const { validation } = data;
          if (validation === undefined)
            throw new UserError('τ is chosen by validation images; give --validation a share.');
          const { tau, balancedAccuracy } = await normalizeLastLayer({ gpu, model, validation, batchSize, signal });
          const reached = `${(100 * balancedAccuracy).toFixed(1)} %`;
          return { model, notice: `τ ${tau}: the best balanced accuracy on the validation images, ${reached}.` };
        },
      };
    case 'cam':
      return {
        ...common,
        buildSource: () =>
          first.withModel((model) => withMovedForegrounds(gpu, { model, data, seed: recipe.seed, batchSize, signal })),
      };
    default:
      throw new RangeError('This recipe has no second stage.');
  }
}

/** The training images, and for each class that has fewer than the largest its own with their foregrounds moved, until all are alike. */
async function withMovedForegrounds(
  gpu: Gpu,
  {
    model,
    data,
    seed,
    batchSize,
    signal,
  }: { model: Module; data: TrainingData; seed: number; batchSize: number; signal: AbortSignal },
): Promise<BatchSource> {
  const { train, classes } = data;
  if (data.trainWith === undefined) {
    throw new UserError('To these training images none can be added; choose another second stage than cam.');
  }
  const network = asImageClassifier(model);
  const layer = lastSpatialLayer(network);
  const [height, width, channels] = train.imageShape;
  const moves = drawForegroundMoves(train.labels, { classes, seed, keeps: train.keeps });
  const movesOf = new Map<number, [number, ForegroundMove][]>();
  for (const [i, move] of moves.entries()) movesOf.set(move.base, [...(movesOf.get(move.base) ?? []), [i, move]]);
  const each = height * width * channels;
  const images = new Uint8Array(moves.length * each);
  for (const positions of orderedBatches(Uint32Array.from(movesOf.keys()), { batchSize })) {
    signal.throwIfAborted();
    const bytes = await train.pixels(positions);
    const { maps } = await gpu.scope(() => {
      const { images } = train.plain(positions);
      return gradCam({ gpu, model, layer, images, classes: positions.map((position) => train.labels[position]) });
    });
    for (const [b, position] of positions.entries()) {
      const image = bytes.subarray(b * each, (b + 1) * each);
      for (const [i, move] of movesOf.get(position) ?? []) {
        images.set(moveForeground(image, { height, width, channels }, maps[b], move), i * each);
      }
    }
  }
  return data.trainWith({ images, labels: Uint32Array.from(moves, ({ label }) => label) });
}
