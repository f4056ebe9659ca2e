import { describe, expect, it } from 'vitest';
import { longTailedData, type TrainingData } from '../../src/data/training_data.ts';
import { Dropout } from '../../src/nn/layers/dropout.ts';
import { CrossEntropyLoss } from '../../src/nn/losses/cross_entropy.ts';
import { FocalLoss } from '../../src/nn/losses/focal.ts';
import { MODEL_NAMES } from '../../src/nn/models/index.ts';
import { UserError } from '../../src/runtime/errors.ts';
import {
  buildAugmentation,
  buildLoss,
  buildModel,
  buildOptimizer,
  buildSampler,
  buildSchedule,
  completeRecipe,
  type Recipe,
  recipeName,
  recipeSchema,
} from '../../src/train/recipe.ts';
import { RECIPE_FIELD_NAMES, RECIPE_FIELDS, type RecipeField } from '../../src/train/recipe_fields.ts';
import { relativeError, useGpu } from '../gpu.ts';
import { golden, lossesOf, TwoLayers, weightError } from './method_golden.ts';
import { tinyDataset } from './tiny_training.ts';

const held = useGpu();
const data = () =>
  longTailedData(held.gpu, tinyDataset(), { maxPerClass: 11, imbalance: 2, testPerClass: null, seed: 1 });

describe('completeRecipe', () => {
  it('fills in what is usual, and leaves out what components have a default for', () => {
    expect(completeRecipe({})).toEqual({
      ...{ model: 'custom-cnn', width: 1, dropout: 0.5, stochasticDepth: 0, loss: 'ce', optimizer: 'adam', lr: 1e-3 },
      ...{ weightDecay: 1e-4, schedule: 'constant', clipNorm: null, sampler: 'none', draws: 'own' },
      ...{ augmentation: 'lab', epochs: 10, batchSize: 128, seed: 42 },
    });
    expect(Object.keys(completeRecipe({ gamma: 1, loss: 'focal', seed: 3 }))).toEqual([
      ...RECIPE_FIELD_NAMES.slice(0, 16),
      'gamma',
    ]);
  });

  it("takes the network's own probabilities, and the optimizer's usual learning rate", () => {
    expect(completeRecipe({ model: 'efficientnet-b0' })).toMatchObject({ dropout: 0.2, stochasticDepth: 0.2 });
    expect(completeRecipe({ model: 'resnet20' })).toMatchObject({ dropout: 0, stochasticDepth: 0 });
    expect(completeRecipe({ model: 'efficientnet-b0', dropout: 0.5 }).dropout).toBe(0.5);
    expect(completeRecipe({ optimizer: 'sgd' }).lr).toBe(1e-2);
    expect(completeRecipe({ optimizer: 'sgd', lr: 0 }).lr).toBe(0);
  });

  it.each<[Partial<Recipe>, string]>([
    [{ lr: -1 }, '--lr must be a number of at least 0, not -1.'],
    [{ model: 'vgg' as never }, `--model must be one of ${MODEL_NAMES.join(', ')}, not vgg.`],
    [{ epochs: 1.5 }, '--epochs must be a whole number from 1 to 65536, not 1.5.'],
    [{ draws: 'some' as never }, 'draws must be own or images, not some.'],
    [
      { model: 'resnet20', dropout: 0.5 },
      '--dropout says nothing with --model resnet20; leave it out, or take custom-cnn or efficientnet-b0.',
    ],
    [{ momentum: 0.9 }, '--momentum says nothing with --optimizer adam; leave it out, or take sgd or rmsprop.'],
    [
      { optimizer: 'sgd', betas: [0.9, 0.99] },
      '--betas says nothing with --optimizer sgd; leave it out, or take adam or adamw.',
    ],
    [{ gamma: 1 }, '--gamma says nothing with --loss ce; leave it out, or take focal or class-balanced or cdt.'],
    [
      { schedule: 'cosine', warmUpEpochs: 1 },
      '--warm-up-epochs says nothing with --schedule cosine; leave it out, or take warm-up or deferred.',
    ],
    [
      { optimizer: 'sgd', momentum: 0, nesterov: true },
      '--nesterov looks ahead along the momentum, which is 0; leave it out, or give --momentum.',
    ],
  ])('refuses %j in a sentence', (given, message) => {
    expect(() => completeRecipe(given)).toThrow(UserError);
    expect(() => completeRecipe(given)).toThrow(message);
  });
});

describe('what is built', () => {
  it('has what the recipe says', async () => {
    const images = data();
    const recipe = completeRecipe({ model: 'efficientnet-b0', width: 1 / 8, dropout: 0.3 });
    const model = buildModel(held.gpu, recipe, images);
    expect(model.namedModules().flatMap(([, module]) => (module instanceof Dropout ? [module.p] : []))).toEqual([0.3]);
    const optimizerOf = (given: Partial<Recipe>) => buildOptimizer(completeRecipe(given), model.parameters());
    const sgd = optimizerOf({ optimizer: 'sgd', momentum: 0.8, nesterov: true });
    expect(sgd.groups[0]).toMatchObject({ lr: 0.01, momentum: 0.8, nesterov: true, weightDecay: 1e-4 });
    expect(optimizerOf({ betas: [0.8, 0.9], eps: 1e-6 }).groups[0]).toMatchObject({ betas: [0.8, 0.9], eps: 1e-6 });
    expect(optimizerOf({}).groups[0]).toMatchObject({ betas: [0.9, 0.999], eps: 1e-8 });
    const focal = buildLoss(completeRecipe({ loss: 'focal', gamma: 3 }), images) as FocalLoss;
    expect([focal.constructor, focal.gamma]).toEqual([FocalLoss, 3]);
    const smoothed = buildLoss(completeRecipe({ labelSmoothing: 0.2 }), images) as CrossEntropyLoss;
    expect([smoothed.constructor, smoothed.labelSmoothing]).toEqual([CrossEntropyLoss, 0.2]);
    const climbing = completeRecipe({ schedule: 'warm-up', warmUpEpochs: 2, epochs: 4 });
    const schedule = buildSchedule(climbing, sgd, 5);
    const rates = Array.from({ length: 11 }, () => {
      const { lr } = sgd.groups[0];
      schedule?.step();
      return lr;
    });
    expect(rates[9]).toBeLessThan(0.01);
    expect(rates[10]).toBeCloseTo(0.01, 12);
  });
});

describe('methods for imbalance', () => {
  it.each(['LDAM-DRW', 'DRW', 'square-root weights', 'CDT', 'label-aware smoothing', 'learned scale'])(
    '%s goes as in PyTorch, step by step and from stage to stage',
    async (name) => {
      const { recipe: given, losses, weights } = golden.methods[name];
      const { counts, epochs, lr, momentum } = golden;
      const recipe = completeRecipe({ ...given, optimizer: 'sgd', lr, momentum, weightDecay: 0, epochs });
      const model = new TwoLayers(held.gpu, recipe);
      const optimizer = buildOptimizer(recipe, model.parameters());
      const criterion = buildLoss(recipe, { counts } as unknown as TrainingData);
      const schedule = buildSchedule(recipe, optimizer, 2);
      const found = await lossesOf(model, { optimizer, criterion, schedule }, epochs);
      // Eight steps of float32 with a momentum that adds up ten of them; logits of up to 30.
      expect(relativeError(Float32Array.from(found), losses)).toBeLessThan(5e-5);
      expect(await weightError(model, weights)).toBeLessThan(5e-5);
    },
  );

  it('start at their share of the epochs', () => {
    const images = data();
    const of = (given: Partial<Recipe>) => completeRecipe({ epochs: 5, ...given });
    const plain = buildSampler(of({}), images.train, images);
    const late = of({ sampler: 'random-oversampling', deferSampler: 0.5 });
    const sampler = buildSampler(late, images.train, images);
    expect(sampler.count).toBe(images.train.count);
    for (const epoch of [0, 1, 2]) expect(sampler.epochOrder(epoch)).toEqual(plain.epochOrder(epoch));
    expect(sampler.epochOrder(3)).not.toEqual(plain.epochOrder(3));
    const { mixUntil, mix } = buildAugmentation(of({ augmentation: 'remix', mixUntil: 0.5 }), images);
    expect([mixUntil, mix?.rarerLabel?.counts]).toEqual([3, images.counts]);
  });

  it.each<[Partial<Recipe>, string]>([
    [
      { loss: 'ldam', classifier: 'cosine', classifierScale: 'learned' },
      'The margins of ldam are cosines, so their scale must be known; give --classifier-scale a number.',
    ],
    [
      { classifierScale: 16 },
      '--classifier-scale says nothing with --classifier left out; leave it out, or take cosine.',
    ],
    [
      { loss: 'focal', deferWeights: 0.8 },
      '--defer-weights says nothing with --loss focal; leave it out, or take weighted-ce',
    ],
    [{ sampler: 'smote', deferSampler: 0.8 }, '--defer-sampler says nothing with --sampler smote'],
    [
      { secondStage: 'tau-norm' },
      '--second-stage tau-norm chooses τ by images held out by --validation; give it a share.',
    ],
    [
      { secondStage: 'lws', classifier: 'cosine' },
      '--second-stage lws changes the lengths of weights, which --classifier cosine has not; leave one of them out.',
    ],
  ])('refuses %j in a sentence', (given, message) => {
    expect(() => completeRecipe(given)).toThrow(UserError);
    expect(() => completeRecipe(given)).toThrow(message);
  });
});

describe('the fields', () => {
  it('are each told apart by their option, and say what they are', () => {
    const fields = Object.values<RecipeField>(RECIPE_FIELDS);
    const flags = fields.flatMap((field) => field.flags ?? []);
    expect(new Set(flags).size).toBe(flags.length);
    for (const { help, range } of fields) expect([help, range]).not.toContain('');
  });

  it('that came later are optional, so that earlier trainings keep their names', () => {
    const earlier = RECIPE_FIELD_NAMES.slice(0, 16);
    expect(earlier.at(-1)).toBe('seed');
    for (const name of RECIPE_FIELD_NAMES.slice(16)) {
      expect([name, RECIPE_FIELDS[name].schema.safeParse(undefined).success]).toEqual([name, true]);
    }
    const recipe = completeRecipe({});
    expect(JSON.stringify(recipeSchema.parse(recipe))).toBe(
      '{"model":"custom-cnn","width":1,"dropout":0.5,"stochasticDepth":0,"loss":"ce","optimizer":"adam","lr":0.001,"weightDecay":0.0001,"schedule":"constant","clipNorm":null,"sampler":"none","draws":"own","augmentation":"lab","epochs":10,"batchSize":128,"seed":42}',
    );
    expect(recipeName({ ...recipe, loss: 'focal', schedule: 'cosine' }, 'x')).toBe('custom-cnn-focal-adam-cosine-x');
  });
});
