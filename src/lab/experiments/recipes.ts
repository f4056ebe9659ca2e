import { type Configuration, widthOf } from '../configuration.ts';
import type { EpochsOf } from '../presets.ts';
import type { Recipe } from '../training/recipe.ts';

/**
 * The lab's usual training, in the length of one of its experiments: CustomCNN under cross-entropy by Adam, every image once an epoch with the
 * lab's augmentation. Other trainings are this one with fields changed; for another network use `modelRecipe`, which knows its width.
 */
export function baseRecipe(configuration: Configuration, experiment: keyof EpochsOf): Recipe {
  const { dropout, batchSize, seed } = configuration;
  return {
    model: 'custom-cnn',
    width: widthOf(configuration, 'custom-cnn'),
    dropout,
    loss: 'ce',
    optimizer: 'adam',
    lr: 1e-3,
    weightDecay: 1e-4,
    sampler: 'none',
    draws: null,
    augmentation: 'lab',
    epochs: configuration.epochs[experiment],
    batchSize,
    seed,
  };
}

/** The same for another network, at the width that the configuration has for it. */
export function modelRecipe(configuration: Configuration, experiment: keyof EpochsOf, model: Recipe['model']): Recipe {
  return { ...baseRecipe(configuration, experiment), model, width: widthOf(configuration, model) };
}
