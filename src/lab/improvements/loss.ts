import { add } from '../../autograd/ops/arithmetic.ts';
import { scale } from '../../autograd/ops/elementwise.ts';
import { normalizeRows } from '../../autograd/ops/embedding_losses.ts';
import { CrossEntropyLoss } from '../../nn/losses/cross_entropy.ts';
import { SupervisedContrastiveLoss } from '../../nn/losses/supervised_contrastive.ts';
import { TripletLoss } from '../../nn/losses/triplet.ts';
import { AuxiliaryCNN } from '../../nn/models/auxiliary_cnn.ts';
import { ContrastiveCNN } from '../../nn/models/contrastive_cnn.ts';
import { CustomCNN } from '../../nn/models/custom_cnn.ts';
import type { Module } from '../../nn/module.ts';
import type { Recipe } from '../../train/recipe.ts';
import { firstHalfOf, secondHalfOf } from './halves.ts';
import type { Improvement } from './improvement.ts';
import { improvementByRecipe } from './improvement_by_recipe.ts';
import { evaluationsOf } from './improvement_trial.ts';

/** Share of the triplet loss beside cross-entropy. */
const TRIPLET_WEIGHT = 0.5;
/** Share of the second classifier's loss, as GoogLeNet has it. */
const AUXILIARY_WEIGHT = 0.3;
/** Contrastive training compares the images of a batch: a small one holds too few of a class. */
const CONTRASTIVE_BATCH = 64;

/** A network as the class that an improvement has built it from. */
function as<M extends Module>(model: Module, kind: new (...args: never[]) => M): M {
  if (model instanceof kind) return model;
  throw new TypeError(`A ${kind.name} is needed, not a ${model.constructor.name}.`);
}

const triplet: Improvement = {
  name: 'triplet',
  group: 'loss',
  title: 'triplet loss',
  description: `cross-entropy and ${TRIPLET_WEIGHT} × the triplet loss of the features, at length 1, over the hardest triplets of a batch`,
  trainings: (recipe) => [{ recipe, variant: 'triplet' }],
  async run(trial) {
    const tripletLoss = new TripletLoss();
    const trained = await trial.train(trial.recipe, {
      variant: 'triplet',
      buildObjective:
        (criterion) =>
        (model, { images, labels }) => {
          const network = as(model, CustomCNN);
          const features = network.extractFeatures(images);
          const logits = network.classifier.call(features);
          const apart = tripletLoss.call(normalizeRows(features), labels);
          return { loss: add(criterion.call(logits, labels), scale(apart, TRIPLET_WEIGHT)), logits };
        },
    });
    return { evaluations: evaluationsOf(trained) };
  },
};

/** The training of the features, by half of the baseline's epochs. */
function contrastiveRecipe(baseline: Recipe): Recipe {
  const batchSize = Math.max(CONTRASTIVE_BATCH, baseline.batchSize);
  return { ...firstHalfOf(baseline), batchSize, sampler: 'balanced' };
}

const contrastive: Improvement = {
  name: 'contrastive',
  group: 'loss',
  title: 'contrastive pre-training',
  description: `half of the epochs by supervised contrastive loss, drawing the classes alike in batches of ${CONTRASTIVE_BATCH} or more; then all layers by cross-entropy`,
  trainings: (baseline) => [
    { recipe: contrastiveRecipe(baseline), variant: 'contrastive-first' },
    { recipe: secondHalfOf(baseline), variant: 'contrastive' },
  ],
  async run(trial) {
    const criterion = new SupervisedContrastiveLoss();
    const readOut = new CrossEntropyLoss();
    const { classes, channels, imageSize } = trial.data;
    const pretrained = await trial.train(contrastiveRecipe(trial.recipe), {
      variant: 'contrastive-first',
      buildModel: ({ width, dropout, seed }) =>
        new ContrastiveCNN(trial.context.gpu, { width, dropout, seed, classes, channels, imageSize }),
      buildObjective:
        () =>
        (model, { images, labels }) => {
          const { embeddings, logits } = as(model, ContrastiveCNN).forwardBoth(images);
          return { loss: add(criterion.call(embeddings, labels), readOut.call(logits, labels)), logits };
        },
    });
    const tuned = await trial.train(trial.secondHalf(), {
      variant: 'contrastive',
      buildModel: (second) => trial.continuedFrom(pretrained, second, (model) => as(model, ContrastiveCNN).network),
    });
    return { evaluations: evaluationsOf(tuned) };
  },
};

const auxiliary: Improvement = {
  name: 'auxiliary',
  group: 'loss',
  title: 'auxiliary loss',
  description: `cross-entropy and ${AUXILIARY_WEIGHT} × that of a second classifier behind the third block`,
  trainings: (recipe) => [{ recipe, variant: 'auxiliary' }],
  async run(trial) {
    const { classes, channels, imageSize } = trial.data;
    const trained = await trial.train(trial.recipe, {
      variant: 'auxiliary',
      buildModel: ({ width, dropout, seed }) =>
        new AuxiliaryCNN(trial.context.gpu, { width, dropout, seed, classes, channels, imageSize }),
      buildObjective:
        (criterion) =>
        (model, { images, labels }) => {
          const { logits, auxiliary } = as(model, AuxiliaryCNN).forwardBoth(images);
          const loss = add(criterion.call(logits, labels), scale(criterion.call(auxiliary, labels), AUXILIARY_WEIGHT));
          return { loss, logits };
        },
    });
    return { evaluations: evaluationsOf(trained) };
  },
};

export const LOSS_IMPROVEMENTS: readonly Improvement[] = [
  improvementByRecipe(
    {
      name: 'focal-class-balanced',
      group: 'loss',
      title: 'focal, class-balanced',
      description: 'focal loss, γ 2, weighted by the effective number of samples, β 0.9999',
    },
    () => ({ loss: 'class-balanced' }),
  ),
  triplet,
  contrastive,
  auxiliary,
];
