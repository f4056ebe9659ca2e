import { describe, expect, it } from 'vitest';
import type { TrainingData } from '../../../src/data/training_data.ts';
import { architectures } from '../../../src/lab/experiments/ps3.ts';
import { configure } from '../../../src/lab/run/configuration.ts';
import { baseRecipe, efficientnetRecipe, resnetRecipe } from '../../../src/lab/run/lab_recipes.ts';
import { PRESET_NAMES, PRESETS } from '../../../src/lab/run/presets.ts';
import { StochasticDepth } from '../../../src/nn/layers/stochastic_depth.ts';
import { buildModel, recipeSchema } from '../../../src/train/recipe.ts';
import { useGpu } from '../../gpu.ts';

const held = useGpu();
const given = { data: 'cifar10', seed: 7 } as const;

describe.each(PRESET_NAMES)('the recipes of %s', (preset) => {
  const configuration = configure(preset, given);
  const { widths, dropout, efficientnet } = PRESETS[preset];

  it('train ResNet-18 as CustomCNN', () => {
    const { model, width, ...usual } = baseRecipe(configuration, 'ps3');
    expect({ model, width }).toEqual({ model: 'custom-cnn', width: widths.customCnn });
    expect(resnetRecipe(configuration, 'ps3')).toEqual({ ...usual, model: 'resnet18', width: widths.resnet });
  });

  it('train EfficientNet-B0 by the values that the preset has for it, and otherwise as CustomCNN', () => {
    expect(efficientnetRecipe(configuration)).toEqual({
      ...baseRecipe(configuration, 'ps3'),
      model: 'efficientnet-b0',
      width: widths.efficientnet,
      dropout: Math.min(dropout, 0.2),
      ...efficientnet,
    });
  });

  it('are what a checkpoint can be known by', () => {
    for (const { recipe } of architectures(configuration)) expect(recipeSchema.parse(recipe)).toEqual(recipe);
  });
});

it("train all three networks alike in the lab's own preset", () => {
  const [first, ...others] = architectures(configure('full', given)).map(({ recipe }) => recipe);
  expect(others).toHaveLength(2);
  const { epochs, batchSize, lr, schedule, weightDecay, optimizer, loss } = first;
  for (const one of others)
    expect(one).toMatchObject({ epochs, batchSize, lr, schedule, weightDecay, optimizer, loss });
  expect(others[1].stochasticDepth).toBe(0.2);
});

it('follow the epochs and the batch size that were given, for all three networks', () => {
  for (const { recipe } of architectures(configure('quick', { ...given, epochs: 2, batchSize: 9 }))) {
    expect(recipe).toMatchObject({ epochs: 2, batchSize: 9 });
  }
});

it('decide the stochastic depth of the network that is built', () => {
  const recipe = efficientnetRecipe(configure('smoke', given));
  const data = { classes: 10, channels: 3, imageSize: 32 } as TrainingData;
  const deepest = (stochasticDepth: number) => {
    const model = buildModel(held.gpu, { ...recipe, stochasticDepth }, data);
    return Math.max(
      ...model.namedModules().flatMap(([, module]) => (module instanceof StochasticDepth ? [module.p] : [])),
    );
  };
  expect(deepest(0)).toBe(0);
  // The last block with a shortcut has fourteen of sixteen before it.
  expect(deepest(0.5)).toBeCloseTo((0.5 * 14) / 16, 12);
});
