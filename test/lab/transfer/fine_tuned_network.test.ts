import { describe, expect, it } from 'vitest';
import type { RecordedNetwork } from '../../../src/lab/run/recorded_network.ts';
import { fineTunedNetwork, fineTuningExtras } from '../../../src/lab/transfer/fine_tuned_network.ts';
import { createModel, readWeights, writeWeights } from '../../../src/node.ts';
import { completeRecipe } from '../../../src/train/recipe.ts';
import { useGpu } from '../../gpu.ts';

const held = useGpu();
const recipe = completeRecipe({ model: 'resnet20', width: 1 / 4, seed: 5 });
const sha256 = 'b'.repeat(64);

async function fileOf(classes: number, recorded?: Partial<RecordedNetwork>) {
  const model = createModel(held.gpu, 'resnet20', { width: 1 / 4, classes, seed: 9 });
  const known = recorded && { model: 'resnet20' as const, width: 1 / 4, ...recorded };
  return { path: 'w.th', weights: readWeights(await writeWeights(model)), recorded: known, sha256 };
}

/** A network for these classes, from a file for `classes`. */
async function network(
  classNames: string[],
  { classes, recorded, ...fineTuning }: { classes: number; recorded?: Partial<RecordedNetwork>; freeze?: string[] },
) {
  const images = { classes: classNames.length, channels: 3, imageSize: 8 };
  const file = await fileOf(classes, recorded);
  return fineTunedNetwork({
    gpu: held.gpu,
    recipe,
    images,
    classNames,
    fineTuning: { weights: sha256, ...fineTuning },
    file,
  });
}

describe('fineTunedNetwork', () => {
  const start = 'Weights: w.th, of resnet20: ';

  it('says what was kept, and that the last layer is new where the classes differ in number or in name', async () => {
    const own = ['a', 'b', 'c'];
    const told = async (given: Parameters<typeof network>[1]) => (await network(own, given)).lines[0];
    expect(await told({ classes: 10 })).toBe(
      `${start}95 of 97 tensors are kept. The last layer, linear, is new: the weights are for 10 classes, the network for 3.`,
    );
    expect(await told({ classes: 3 })).toBe(
      `${start}all 97 tensors are kept, the last layer, linear, too: it is for 3 classes as well, whether for the same ones the file does not say.`,
    );
    expect(await told({ classes: 3, recorded: { classes: own } })).toBe(
      `${start}all 97 tensors are kept, the last layer, linear, too: the classes are the same.`,
    );
    expect(await told({ classes: 3, recorded: { classes: ['a', 'c', 'b'] } })).toBe(
      `${start}95 of 97 tensors are kept. The last layer, linear, is new: the weights are for other classes.`,
    );
  });

  it('freezes, says how much, and by what images are normalised', async () => {
    const given = { classes: 10, freeze: ['conv1', 'bn1', 'layer1'] };
    const { model, lines } = await network(['a', 'b'], given);
    const sizes = (learn: boolean) =>
      model
        .parameters()
        .filter(({ requiresGrad }) => requiresGrad === learn)
        .reduce((sum, { size }) => sum + size, 0);
    expect(lines[1]).toBe(
      `Frozen (conv1, bn1, layer1): ${sizes(false).toLocaleString('en-US')} of ${(sizes(false) + sizes(true)).toLocaleString('en-US')} parameters, their batch norms in evaluation mode; ${sizes(true).toLocaleString('en-US')} learn.`,
    );
    expect(lines[2]).toContain('the mean and deviation of the data set');
    const images = { classes: 2, channels: 3, imageSize: 8 };
    const extras = fineTuningExtras({
      ...{ gpu: held.gpu, images, classNames: ['a', 'b'], file: await fileOf(10) },
      ...{ fineTuning: { weights: sha256, freeze: ['layer1'] } },
    });
    const built = await extras.buildModel(recipe);
    extras.setMode(built);
    const training = (name: string) => built.getModule(name).training;
    expect(['layer1.2.bn2', 'bn1', 'layer2.0.bn1'].map(training)).toEqual([false, true, true]);
  });

  it('refuses to freeze what is not there, what is new, and everything', async () => {
    const refused = (freeze: string[]) => network(['a', 'b'], { classes: 10, freeze }).catch(({ message }) => message);
    expect(await refused(['layer1', 'fc'])).toBe(
      '--freeze: resnet20 has nothing called fc; it consists of conv1, bn1, layer1, layer2, layer3, linear.',
    );
    expect(await refused(['linear'])).toBe(
      '--freeze would keep the last layer, linear, from learning, but it is new; leave it out.',
    );
    expect(await refused(['*'])).toBe('--freeze leaves nothing to learn; leave something out of it.');
  });
});
