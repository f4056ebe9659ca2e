import { EFFICIENTNET_B0_DEFAULTS } from '../../nn/models/efficientnet_b0.ts';
import type { Recipe } from '../../train/recipe.ts';
import { type Configuration, widthOf } from './configuration.ts';
import type { EpochsOf } from './presets.ts';

/**
 * The lab's usual training, in the length of one of its experiments: CustomCNN under cross-entropy by Adam, every image once an epoch with the
 * lab's augmentation. Other trainings are this one with fields changed; for another network use `resnetRecipe` or `efficientnetRecipe`.
 */
export function baseRecipe(configuration: Configuration, experiment: keyof EpochsOf): Recipe {
  const { dropout, batchSize, seed } = configuration;
  return {
    model: 'custom-cnn',
    width: widthOf(configuration, 'custom-cnn'),
    dropout,
    stochasticDepth: 0,
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

/** The same for ResNet-18, at the width that the configuration has for it. */
export function resnetRecipe(configuration: Configuration, experiment: keyof EpochsOf): Recipe {
  const model = 'resnet18';
  return { ...baseRecipe(configuration, experiment), model, width: widthOf(configuration, model) };
}

/** PS3's training of EfficientNet-B0: the usual one with what the configuration has for this network alone. */
export function efficientnetRecipe(configuration: Configuration): Recipe {
  const model = 'efficientnet-b0';
  const dropout = Math.min(configuration.dropout, EFFICIENTNET_B0_DEFAULTS.dropout);
  const width = widthOf(configuration, model);
  return { ...baseRecipe(configuration, 'ps3'), model, dropout, width, ...configuration.efficientnet };
}
