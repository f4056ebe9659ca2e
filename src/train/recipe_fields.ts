import { z } from 'zod';
import { AUGMENTATION_NAMES } from '../data/augmentation/index.ts';
import { STREAMS_PER_USE } from '../data/random_streams.ts';
import { SAMPLER_NAMES } from '../data/samplers/index.ts';
import { PRECISIONS } from '../kernels/cast.ts';
import { LOSS_NAMES, LOSS_SETTINGS, type LossName, WEIGHTED_LOSSES } from '../nn/losses/index.ts';
import { CLASSIFIERS, FORMS } from '../nn/models/image_classifier.ts';
import { MODEL_DEFAULTS, MODEL_NAMES, MOST_WIDTH, type ModelName, TWO_FORMS } from '../nn/models/index.ts';
import { OPTIMIZER_NAMES, OPTIMIZER_SETTINGS } from '../nn/optimizers/index.ts';
import { SCHEDULE_NAMES } from '../nn/schedules/index.ts';
import { DEFAULT_WATCHED, KEPT, WATCHED } from './best_epoch.ts';
import { SECOND_STAGES } from './second_stage.ts';

/** All that is known of a field of a training. */
export interface RecipeField<S extends z.ZodType = z.ZodType> {
  /** Its values. Optional where a component has a default of its own, which is no part of what a training is known by. */
  schema: S;
  /** What its values are, as the end of 'must be …'. */
  range: string;
  /** Its option on the command line; none for what that does not set. */
  flags?: string;
  /** What it is, in the field's terms. */
  help: string;
  /** What it is where nothing is given, by the fields before it. */
  usual?: (recipe: Readonly<Record<string, unknown>>) => unknown;
  /** The same in words, where it depends on other fields. */
  usually?: string;
  /** The field that decides whether it says anything, and the values of that one with which it does. */
  needs?: { field: string; values: readonly string[] };
}

function field<S extends z.ZodType>(about: RecipeField<S>): RecipeField<S> {
  return about;
}

/** A field whose values are the names of a registry. */
function named<Name extends string>(
  flags: string,
  help: string,
  names: readonly Name[],
  usual: Name,
): RecipeField<z.ZodEnum<{ [N in Name]: N }>> {
  const schema = z.enum(names as [Name, ...Name[]]) as unknown as z.ZodEnum<{ [N in Name]: N }>;
  return { schema, range: `one of ${names.join(', ')}`, flags, help, usual: () => usual };
}

const whole = (least: number) => z.number().int().min(least);
const probability = z.number().min(0).max(1);
const share = z.number().gt(0).lt(1);

/** A billion parameters: beyond, the host has no room for the first weights. */

/** The networks that have a kind of layer by default, and what probability each gives it. */
function ownProbability(kind: 'dropout' | 'stochasticDepth') {
  const owners = MODEL_NAMES.filter((name) => MODEL_DEFAULTS[name][kind] !== undefined);
  return {
    usual: ({ model }: Readonly<Record<string, unknown>>) => MODEL_DEFAULTS[model as ModelName]?.[kind] ?? 0,
    usually: `the network's own: ${owners.map((name) => `${MODEL_DEFAULTS[name][kind]} of ${name}`).join(', ')}`,
    needs: { field: 'model', values: owners },
  };
}

/**
 * The fields of a training: here and nowhere else. The recipe, the options of the command line with their help, the columns of metrics.csv and what a
 * training is known by are made from them. They are in the order in which they are written into checkpoints; new ones are optional and come last, so
 * that trainings of before are known by what they were.
 */
export const RECIPE_FIELDS = {
  model: named('--model <name>', 'network', MODEL_NAMES, 'custom-cnn'),
  width: field({
    ...{
      schema: z.number().positive().max(MOST_WIDTH),
      range: `a number above 0, at most ${MOST_WIDTH}`,
      flags: '--width <factor>',
    },
    ...{ help: 'channels of the network, relative to its own', usual: () => 1 },
  }),
  dropout: field({
    ...{ schema: probability, range: 'a number from 0 to 1', flags: '--dropout <p>' },
    ...{ help: 'probability of dropout', ...ownProbability('dropout') },
  }),
  stochasticDepth: field({
    ...{ schema: probability, range: 'a number from 0 to 1', flags: '--stochastic-depth <p>' },
    help: 'stochastic depth: probability of skipping the last block; it falls to 0 towards the first one',
    ...ownProbability('stochasticDepth'),
  }),
  loss: named('--loss <name>', 'loss function', LOSS_NAMES as readonly LossName[], 'ce'),
  optimizer: named('--optimizer <name>', 'optimizer', OPTIMIZER_NAMES, 'adam'),
  lr: field({
    ...{ schema: z.number().min(0), range: 'a number of at least 0', flags: '--lr <rate>', help: 'learning rate' },
    ...{ usual: ({ optimizer }) => (optimizer === 'sgd' ? 1e-2 : 1e-3), usually: '0.01 for sgd, else 0.001' },
  }),
  weightDecay: field({
    ...{ schema: z.number().min(0), range: 'a number of at least 0', flags: '--weight-decay <factor>' },
    ...{ help: 'weight decay: decoupled for adamw, else an L2 penalty', usual: () => 1e-4 },
  }),
  schedule: named('--schedule <name>', 'learning-rate schedule', SCHEDULE_NAMES, 'constant'),
  clipNorm: field({
    ...{ schema: z.number().positive().nullable(), range: 'a number above 0', flags: '--clip-norm <norm>' },
    ...{ help: 'gradient clipping: the largest norm of all gradients together', usual: () => null, usually: 'none' },
  }),
  sampler: named('--sampler <name>', 'sampling of the training images', SAMPLER_NAMES, 'none'),
  draws: field({
    ...{ schema: z.enum(['own', 'images']), range: 'own or images', usual: () => 'own' },
    help: "draws in an epoch: as many as the sampler's own, or, so that samplers are compared over equal trainings, as there are training images",
  }),
  augmentation: named('--augmentation <name>', 'data augmentation', AUGMENTATION_NAMES, 'lab'),
  epochs: field({
    ...{ schema: whole(1).max(STREAMS_PER_USE), range: `a whole number from 1 to ${STREAMS_PER_USE}` },
    ...{ flags: '--epochs <n>', help: 'passes over the training images', usual: () => 10 },
  }),
  batchSize: field({
    ...{ schema: whole(1), range: 'a whole number of at least 1', flags: '--batch-size <n>' },
    ...{ help: 'images in a training step', usual: () => 128 },
  }),
  seed: field({
    ...{ schema: whole(0), range: 'a whole number of at least 0', flags: '--seed <n>' },
    ...{ help: 'seed of the first weights, the order of batches and all else that is random', usual: () => 42 },
  }),
  momentum: field({
    ...{ schema: z.number().min(0).lt(1).optional(), range: 'a number of at least 0 and below 1' },
    ...{ flags: '--momentum <factor>', help: 'momentum', usually: '0.9 for sgd, 0 for rmsprop' },
    needs: { field: 'optimizer', values: OPTIMIZER_SETTINGS.momentum },
  }),
  nesterov: field({
    ...{ schema: z.boolean().optional(), range: 'true or false', flags: '--nesterov', help: 'Nesterov momentum' },
    needs: { field: 'optimizer', values: OPTIMIZER_SETTINGS.nesterov },
  }),
  betas: field({
    schema: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).optional(),
    range: 'two numbers of at least 0 and below 1, with a comma between them',
    ...{ flags: '--betas <numbers>', help: 'decay of the running means of the gradient and its square' },
    ...{ usually: '0.9,0.999', needs: { field: 'optimizer', values: OPTIMIZER_SETTINGS.betas } },
  }),
  eps: field({
    ...{ schema: z.number().positive().optional(), range: 'a number above 0', flags: '--eps <number>' },
    ...{ help: "added to the optimizer's denominator", usually: '1e-8' },
    needs: { field: 'optimizer', values: OPTIMIZER_SETTINGS.eps },
  }),
  dropLast: field({
    ...{ schema: z.boolean().optional(), range: 'true or false', flags: '--drop-last' },
    help: 'leave out the last batch of an epoch where it is smaller',
    usually: 'only where it is one image and batch norm cannot learn from it',
  }),
  labelSmoothing: field({
    ...{ schema: probability.optional(), range: 'a number from 0 to 1', flags: '--label-smoothing <share>' },
    ...{ help: 'label smoothing', usually: '0, and 0.1 of label-smoothing' },
    needs: { field: 'loss', values: LOSS_SETTINGS.labelSmoothing },
  }),
  gamma: field({
    ...{ schema: z.number().min(0).optional(), range: 'a number of at least 0', flags: '--gamma <number>' },
    help: 'γ, the exponent of focal loss, and of the temperatures of cdt',
    ...{ usually: '2, and 0.2 of cdt', needs: { field: 'loss', values: LOSS_SETTINGS.gamma } },
  }),
  beta: field({
    ...{ schema: z.number().min(0).lt(1).optional(), range: 'a number of at least 0 and below 1' },
    ...{ flags: '--beta <number>', help: 'β of the effective number of samples', usually: '0.9999' },
    needs: { field: 'loss', values: LOSS_SETTINGS.beta },
  }),
  tau: field({
    ...{ schema: z.number().min(0).optional(), range: 'a number of at least 0', flags: '--tau <factor>' },
    ...{ help: 'τ, the factor of the log priors', usually: '1', needs: { field: 'loss', values: LOSS_SETTINGS.tau } },
  }),
  warmUpEpochs: field({
    ...{ schema: z.number().positive().optional(), range: 'a number above 0', flags: '--warm-up-epochs <n>' },
    ...{ help: 'epochs in which the learning rate climbs', usually: 'a tenth of all, and a fortieth of deferred' },
    needs: { field: 'schedule', values: ['warm-up', 'deferred'] },
  }),
  plateauEpochs: field({
    ...{ schema: whole(0).optional(), range: 'a whole number of at least 0', flags: '--plateau-epochs <n>' },
    ...{ help: 'epochs without a smaller loss that reduce-on-plateau bears', usually: 'a tenth of all' },
    needs: { field: 'schedule', values: ['reduce-on-plateau'] },
  }),
  validation: field({
    schema: z.union([z.number().min(0).lt(1), z.literal('own')]).optional(),
    ...{ range: 'a number of at least 0 and below 1, or own', flags: '--validation <share>' },
    help: "share of each class's training images to look at after each epoch, not trained on; own: those the data set brings",
    usually: 'for images of your own what they bring or 0.1, else 0',
  }),
  keep: field({
    ...{ schema: z.enum(KEPT).optional(), range: `one of ${KEPT.join(', ')}`, flags: '--keep <epoch>' },
    help: "which epoch's weights to keep, the best on the validation images or the last",
    usually: 'best with validation images',
  }),
  keepBy: field({
    ...{ schema: z.enum(WATCHED).optional(), range: `one of ${WATCHED.join(', ')}`, flags: '--keep-by <metric>' },
    help: 'by what on the validation images an epoch is the best, and --patience counts',
    usually: DEFAULT_WATCHED,
  }),
  patience: field({
    ...{ schema: whole(1).optional(), range: 'a whole number of at least 1', flags: '--patience <n>' },
    ...{ help: 'stop after n epochs in a row without a better one on the validation images', usually: 'never' },
  }),
  smoothHead: field({
    ...{ schema: probability.optional(), range: 'a number from 0 to 1', flags: '--smooth-head <share>' },
    ...{ help: 'label-aware smoothing of the largest class', usually: '0.3' },
    needs: { field: 'loss', values: LOSS_SETTINGS.smoothHead },
  }),
  smoothTail: field({
    ...{ schema: probability.optional(), range: 'a number from 0 to 1', flags: '--smooth-tail <share>' },
    ...{ help: 'label-aware smoothing of the smallest class', usually: '0' },
    needs: { field: 'loss', values: LOSS_SETTINGS.smoothTail },
  }),
  classifier: field({
    ...{ schema: z.enum(CLASSIFIERS).optional(), range: `one of ${CLASSIFIERS.join(', ')}` },
    flags: '--classifier <kind>',
    ...{ help: 'last layer: linear, or cosines of features and weights times a scale', usually: 'linear' },
  }),
  classifierScale: field({
    schema: z.union([z.number().positive(), z.literal('learned')]).optional(),
    ...{ range: 'a number above 0, or learned', flags: '--classifier-scale <s>' },
    ...{ help: 'scale of the cosines', usually: '30', needs: { field: 'classifier', values: ['cosine'] } },
  }),
  deferWeights: field({
    ...{ schema: share.optional(), range: 'a number above 0 and below 1', flags: '--defer-weights <share>' },
    help: "share of the epochs after which the loss's class weights begin to count (DRW; the paper's: 0.8)",
    ...{ usually: 'from the start, and 0.8 of ldam', needs: { field: 'loss', values: WEIGHTED_LOSSES } },
  }),
  deferSampler: field({
    ...{ schema: share.optional(), range: 'a number above 0 and below 1', flags: '--defer-sampler <share>' },
    ...{ help: 'share of the epochs after which the sampler begins (DRS)', usually: 'from the start' },
    needs: { field: 'sampler', values: SAMPLER_NAMES.filter((name) => name !== 'none' && name !== 'smote') },
  }),
  mixUntil: field({
    ...{ schema: share.optional(), range: 'a number above 0 and below 1', flags: '--mix-until <share>' },
    ...{ help: 'share of the epochs after which images are mixed no more', usually: 'never' },
    needs: { field: 'augmentation', values: ['mixup', 'cutmix', 'remix'] },
  }),
  secondStage: field({
    ...{ schema: z.enum(SECOND_STAGES).optional(), range: `one of ${SECOND_STAGES.join(', ')}` },
    flags: '--second-stage <kind>',
    help: 'what follows the training: crt, a new last layer on frozen features; lws, a learned scale for each class; tau-norm, weights of classes at more equal lengths; cam, more images of small classes',
    usually: 'nothing',
  }),
  secondEpochs: field({
    ...{ schema: whole(1).optional(), range: 'a whole number of at least 1', flags: '--second-epochs <n>' },
    ...{ help: 'epochs of the second stage', usually: 'a fifth of --epochs' },
    needs: { field: 'secondStage', values: ['crt', 'lws', 'cam'] },
  }),
  secondLr: field({
    ...{ schema: z.number().positive().optional(), range: 'a number above 0', flags: '--second-lr <rate>' },
    ...{ help: 'learning rate of the second stage', usually: '--lr, and a tenth of it with cam' },
    needs: { field: 'secondStage', values: ['crt', 'lws', 'cam'] },
  }),
  form: field({
    ...{ schema: z.enum(FORMS).optional(), range: `one of ${FORMS.join(', ')}`, flags: '--form <name>' },
    help: 'how the network begins: cifar, a convolution 3×3, for small images; imagenet, a convolution 7×7 and a max pool, each of stride 2, for images of 64 pixels and more',
    ...{ usually: 'cifar', needs: { field: 'model', values: TWO_FORMS } },
  }),
  precision: field({
    ...{ schema: z.enum(PRECISIONS).optional(), range: `one of ${PRECISIONS.join(', ')}`, flags: '--precision <name>' },
    help: 'how activations are stored in training: f32; or f16, in half the memory, with weights and sums in f32 and the loss scaled',
    usually: 'f32',
  }),
} as const;

/** The name of a field of a training. */
export type RecipeFieldName = keyof typeof RECIPE_FIELDS;
/** The fields' names, in their order. */
export const RECIPE_FIELD_NAMES = Object.keys(RECIPE_FIELDS) as RecipeFieldName[];
