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
    schedule: 'constant',
    clipNorm: null,
    sampler: 'none',
    draws: 'own',
    augmentation: 'lab',
    epochs: configuration.epochs[experiment],
    batchSize,
    seed,
  };
}

/** EfficientNet-B0's own probability of dropout before its last layer. */
const EFFICIENTNET_DROPOUT = 0.2;

/** The same for another network, at the width that the configuration has for it. */
export function modelRecipe(configuration: Configuration, experiment: keyof EpochsOf, model: Recipe['model']): Recipe {
  const base = baseRecipe(configuration, experiment);
  const dropout = model === 'efficientnet-b0' ? Math.min(base.dropout, EFFICIENTNET_DROPOUT) : base.dropout;
  return { ...base, model, dropout, width: widthOf(configuration, model) };
}
