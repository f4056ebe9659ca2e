import { softmax } from '../../autograd/ops/softmax.ts';
import { BatchSource } from '../../data/batch_source.ts';
import { classCounts } from '../../data/class_counts.ts';
import { holdOut } from '../../data/hold_out.ts';
import { hashOf, type TrainingData } from '../../data/training_data.ts';
import { CustomCNN, type CustomCNNOptions } from '../../nn/models/custom_cnn.ts';
import type { Module } from '../../nn/module.ts';
import { inferRows } from '../../train/inference.ts';
import type { Recipe } from '../../train/recipe.ts';
import type { LabContext } from '../run/experiment.ts';
import { baseRecipe } from '../run/lab_recipes.ts';
import type { Repetition, TrainedModel, TrainingExtras } from '../run/trained_model.ts';
import { firstHalfOf, HELD_OUT, secondHalfOf } from './halves.ts';

/** Share of the training images that is kept back to choose by. */
export const VALIDATION_SHARE = 0.2;

/**
 * Where improvements are measured: all against one baseline, on the same images and for the same number of epochs. A part of the training images is
 * kept back from every training; thresholds, groups and pairs are chosen on it, so that the test images choose nothing.
 */
export class ImprovementTrial {
  readonly context: LabContext;
  /** CustomCNN as the baseline is trained. */
  readonly recipe: Recipe;
  /** What is trained on, without the validation images, and the run's test images. */
  readonly data: TrainingData;
  readonly validation: BatchSource;
  /** Positions of `data.train` in the data set's training split. */
  readonly positions: Uint32Array;

  constructor(context: LabContext) {
    this.context = context;
    const { gpu, dataset, data, configuration } = context;
    const { indices } = data.tail;
    const labels = Uint32Array.from(indices, (position) => dataset.train.labels[position]);
    const { fit, validation } = holdOut(labels, {
      ...{ classes: data.classes, seed: configuration.seed, share: VALIDATION_SHARE },
    });
    this.recipe = baseRecipe(configuration, 'ps7');
    this.positions = fit.map((i) => indices[i]);
    this.validation = new BatchSource(
      gpu,
      dataset,
      dataset.train,
      validation.map((i) => indices[i]),
    );
    this.data = this.subset(this.positions);
  }

  /** The training images at these positions of the data set's training split, with the run's test images. */
  subset(positions: Uint32Array): TrainingData {
    const { gpu, dataset, data } = this.context;
    const { classNames, classes, channels, imageSize, test } = data;
    const train = new BatchSource(gpu, dataset, dataset.train, positions);
    const identity = `${data.identity}:${hashOf(dataset.train, positions)}`;
    return {
      identity,
      classNames,
      classes,
      channels,
      imageSize,
      test,
      train,
      counts: classCounts(train.labels, classes),
    };
  }

  /** Trains on the trial's data; see `LabContext.trained`. Without extras the recipe says all. */
  train(recipe: Recipe, extras: TrainingExtras = { variant: HELD_OUT }): Promise<TrainedModel> {
    return this.context.trained(recipe, { data: this.data, ...extras });
  }

  /** What all improvements are compared with. */
  baseline(): Promise<TrainedModel> {
    return this.train(this.recipe);
  }

  /** The baseline's training in half as many epochs, for improvements that look at a network and then change its training. */
  firstHalf(): Promise<TrainedModel> {
    return this.train(firstHalfOf(this.recipe));
  }

  /** The recipe of the training that goes on from the first half. */
  secondHalf(): Recipe {
    return secondHalfOf(this.recipe);
  }

  /** A CustomCNN as the recipe has it, but for these options. */
  customCnn({ width, dropout, seed }: Recipe, options: Partial<CustomCNNOptions> = {}): CustomCNN {
    const { classes, channels, imageSize } = this.data;
    return new CustomCNN(this.context.gpu, { width, dropout, seed, classes, channels, imageSize, ...options });
  }

  /** What a trained network makes of a source's images: [N, classes]. */
  probabilities({ withModel }: Pick<Repetition, 'withModel'>, source: BatchSource): Promise<Float32Array> {
    const { gpu, configuration, signal } = this.context;
    return withModel(async (model) => {
      const task = { gpu, model, source, signal, batchSize: configuration.batchSize };
      return (await inferRows(task, (images) => softmax(model.call(images)))).values;
    });
  }

  /** The cross-entropy of each training image, not augmented: [N]. */
  async trainingLosses(trained: Pick<Repetition, 'withModel'>): Promise<Float64Array> {
    const { train, classes } = this.data;
    const probabilities = await this.probabilities(trained, train);
    return Float64Array.from(
      train.labels,
      (label, i) =>
        // No smaller than the least float32 normal number, so that every loss is finite.
        -Math.log(Math.max(probabilities[i * classes + label], 2 ** -126)),
    );
  }

  /**
   * The recipe's CustomCNN with the weights of a trained network of the same seed. part: the module that holds them. Default: the network itself.
   */
  async continuedFrom(
    trained: TrainedModel,
    recipe: Recipe,
    part: (model: Module) => Module = (model) => model,
  ): Promise<CustomCNN> {
    const model = this.customCnn(recipe);
    const { withModel } = repetitionOf(trained, recipe);
    await withModel((taught) => {
      model.loadStateDict(part(taught).stateDict());
    });
    return model;
  }

  /** What `make` gives for each repetition of a training, to be looked up by the seed of a recipe. */
  async perSeed<T>(
    trained: TrainedModel,
    make: (repetition: Repetition) => Promise<T>,
  ): Promise<(recipe: Recipe) => T> {
    const made = new Map<number, T>();
    for (const repetition of trained.repeats) made.set(repetition.recipe.seed, await make(repetition));
    return (recipe) => made.get(repetitionOf(trained, recipe).recipe.seed) as T;
  }
}

/** The repetition with a recipe's seed. */
function repetitionOf({ repeats }: TrainedModel, { seed }: Recipe): Repetition {
  const found = repeats.find(({ recipe }) => recipe.seed === seed);
  if (found === undefined) throw new RangeError(`There is no repetition with seed ${seed}.`);
  return found;
}

/** The evaluations of all repetitions. */
export function evaluationsOf({ repeats }: TrainedModel) {
  return repeats.map(({ evaluation }) => evaluation);
}
