import { describe, expect, it } from 'vitest';
import { networkWithWeights, transferExtras } from '../../../src/lab/transfer/network_with_weights.ts';
import { CrossEntropyLoss, createModel, readWeights, writeWeights } from '../../../src/node.ts';
import { freezeAllBut, learningParameters, trainUnfrozen } from '../../../src/train/freeze.ts';
import { buildModel, buildOptimizer, completeRecipe } from '../../../src/train/recipe.ts';
import { train } from '../../../src/train/trainer.ts';
import { useGpu } from '../../gpu.ts';
import { outcome, tinyTraining } from '../../train/tiny_training.ts';

const held = useGpu();
const recipe = completeRecipe({ model: 'resnet18', width: 1 / 16, seed: 5 });
const images = { classes: 4, channels: 3, imageSize: 8 };

async function published(classes: number) {
  const model = createModel(held.gpu, 'resnet18', { form: 'imagenet', width: 1 / 16, classes, seed: 9 });
  return { path: 'published.pth', weights: readWeights(await writeWeights(model)) };
}

describe('networkWithWeights', () => {
  it("draws the last layer by the recipe's seed, and takes all else from the file", async () => {
    const file = await published(4);
    const values = async (model: ReturnType<typeof buildModel>, name: string) => model.stateDict().get(name)?.data();
    const fresh = buildModel(held.gpu, recipe, images);
    for (const otherClasses of [true, false]) {
      const { model, notices } = networkWithWeights(held.gpu, recipe, images, file, { otherClasses });
      expect(notices).toEqual([
        'The kernel of conv1 was made 3×3, from 7×7.',
        ...(otherClasses ? ['The last layer, fc, is new: the weights are for other classes.'] : []),
      ]);
      expect(await values(model, 'layer4.1.bn2.weight')).toEqual(file.weights.get('layer4.1.bn2.weight')?.data);
      const isNew = `${await values(model, 'fc.bias')}` === `${await values(fresh, 'fc.bias')}`;
      expect(isNew).toBe(otherClasses);
    }
  });

  it('names the file that does not fit', async () => {
    const file = await published(4);
    expect(() => networkWithWeights(held.gpu, { ...recipe, width: 1 / 8 }, images, file)).toThrow(
      /^published.pth does not fit resnet18 of width 0.125: of its tensors \d+ are of another shape \(conv1.weight/,
    );
  });
});

describe('transferExtras', () => {
  /** A training of two epochs that begins from published weights, of which layer4 and the last layer learn. */
  const begun = async () => {
    const { model } = networkWithWeights(held.gpu, recipe, images, await published(20), { otherClasses: true });
    freezeAllBut(model, ['layer4', 'fc']);
    return { ...tinyTraining(held.gpu, { epochs: 2 }), criterion: new CrossEntropyLoss(), model };
  };

  it('trains to the same bits whether or not what is frozen is given to the optimizer, as PS6 did', async () => {
    const whole = await begun();
    const all = { ...whole, optimizer: buildOptimizer(recipe, whole.model.parameters()), setMode: trainUnfrozen };
    const before = await outcome(all, await train(all));
    const parted = await begun();
    const { setMode, ...extras } = transferExtras(async () => parted.model);
    expect(extras).not.toHaveProperty('buildOptimizer');
    const some = { ...parted, optimizer: buildOptimizer(recipe, learningParameters(parted.model)), setMode };
    const after = await outcome(some, await train(some));
    const ofModel = ({ hashes }: typeof before) =>
      Object.entries(hashes).filter(([name]) => !name.startsWith('optimizer.'));
    expect(after.history).toEqual(before.history);
    expect(ofModel(after)).toEqual(ofModel(before));
    expect(all.optimizer.groups[0].parameters.length).toBeGreaterThan(some.optimizer.groups[0].parameters.length);
  });

  it('gives the last layer a learning rate of its own', async () => {
    const { model } = await begun();
    const { buildOptimizer: build } = transferExtras(async () => model, 0.25);
    const optimizer = build?.({ ...recipe, lr: 0.5 }, model);
    expect(optimizer?.groups.map(({ parameters, lr }) => [parameters.length, lr])).toEqual([
      [15, 0.5],
      [2, 0.25],
    ]);
  });
});
