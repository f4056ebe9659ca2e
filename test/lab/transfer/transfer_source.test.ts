import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { longTailedData } from '../../../src/data/training_data.ts';
import { configure } from '../../../src/lab/run/configuration.ts';
import type { LabContext } from '../../../src/lab/run/experiment.ts';
import { resnetRecipe } from '../../../src/lab/run/lab_recipes.ts';
import type { TrainingExtras } from '../../../src/lab/run/trained_model.ts';
import { transferSource } from '../../../src/lab/transfer/transfer_source.ts';
import type { ImageClassifier } from '../../../src/nn/models/image_classifier.ts';
import { ResNet18, writeWeights } from '../../../src/node.ts';
import { buildModel, type Recipe } from '../../../src/train/recipe.ts';
import { useGpu } from '../../gpu.ts';
import { tinyDataset } from '../../train/tiny_training.ts';

const held = useGpu();
const WIDTH = 1 / 16;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-transfer-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a source looks at of a run; `asked` gathers the trainings it asks for, which are not made. */
function sourceContext(given: { pretrained?: string; width?: number } = {}) {
  const { gpu } = held;
  const { pretrained, width = WIDTH } = given;
  const dataset = tinyDataset(200);
  const configuration = configure('smoke', {
    data: 'mnist',
    seed: 7,
    seeds: 2,
    width,
    ...(pretrained ? { pretrained } : {}),
  });
  const data = longTailedData(gpu, dataset, { maxPerClass: 20, imbalance: 4, testPerClass: 2, seed: 7 });
  const asked: { recipe: Recipe; extras: TrainingExtras | undefined }[] = [];
  const said: string[] = [];
  const trained = async (recipe: Recipe, extras?: TrainingExtras) => {
    asked.push({ recipe, extras });
    const repeats = [0, 1].map((n) => {
      const repeated = { ...recipe, seed: recipe.seed + n };
      return {
        recipe: repeated,
        withModel: async (work: (model: ImageClassifier) => unknown) =>
          work(buildModel(gpu, repeated, extras?.data ?? data)),
      };
    });
    return { repeats, scores: { accuracy: 0.5 }, key: 'the-pretraining' };
  };
  const context = { gpu, dataset, configuration, data, trained, signal: new AbortController().signal };
  const say = (text: string) => said.push(text);
  const recipe = resnetRecipe(configuration, 'ps6');
  return { context: { ...context, say } as unknown as LabContext, recipe, asked, said };
}

async function writeFile(name: string, model: ResNet18): Promise<string> {
  const file = join(folder, name);
  writeFileSync(file, await writeWeights(model));
  return file;
}

describe('a source from a file', () => {
  it('gives the weights of another ResNet-18 to the recipe, but for the last layer', async () => {
    const { gpu } = held;
    const given = new ResNet18(gpu, { form: 'imagenet', width: WIDTH, classes: 20, seed: 1 });
    const { context, recipe, asked } = sourceContext({ pretrained: await writeFile('imagenet.safetensors', given) });
    const source = await transferSource(context, recipe);
    expect(source.name).toMatch(/^weights-[0-9a-f]{8}$/);
    expect(asked).toEqual([]);
    const model = await source.start(recipe);
    const read = async (name: string, from: ResNet18) => from.stateDict().get(name)?.data();
    expect(await read('layer3.1.conv2.weight', model as ResNet18)).toEqual(await read('layer3.1.conv2.weight', given));
    expect(model.stateDict().get('conv1.weight')?.shape).toEqual([3, 3, 3, 4]);
    const fresh = buildModel(gpu, recipe, context.data) as ResNet18;
    expect(await read('fc.weight', model as ResNet18)).toEqual(await read('fc.weight', fresh));
  });

  it('says in a sentence what does not fit', async () => {
    const { gpu } = held;
    const wide = await writeFile('wide.safetensors', new ResNet18(gpu, { width: 1 / 8 }));
    const refusal = async (pretrained: string) => {
      const { context, recipe } = sourceContext({ pretrained });
      return transferSource(context, recipe).then(
        () => 'nothing was refused',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    };
    expect(await refusal(wide)).toMatch(
      /^UserError: .*wide.safetensors does not fit resnet18 of width 0.0625: of its tensors 100 are of another shape \(conv1.weight \(\[8,3,3,3\] where \[4,3,3,3\] is needed\), .*; published weights are of width 1\.$/,
    );
    expect(await refusal(join(folder, 'none.pth'))).toMatch(
      /^UserError: The weights .*none.pth cannot be read: there is no such file\.$/,
    );
    writeFileSync(join(folder, 'text.pth'), 'no weights');
    expect(await refusal(join(folder, 'text.pth'))).toMatch(/^UserError: The weights .*text.pth cannot be used: /);
  });
});

describe('a source made here', () => {
  it('asks for one pretraining on turned images, and hands on the weights of the same seed', async () => {
    const { context, recipe, asked } = sourceContext();
    const source = await transferSource(context, recipe);
    expect(source.name).toBe('rotation');
    expect(source.description).toContain('No ImageNet weights were at hand');
    expect(asked.length).toBe(1);
    const [{ recipe: pretraining, extras }] = asked;
    expect(pretraining).toMatchObject({ model: 'resnet18', width: WIDTH, augmentation: 'none', epochs: 1, seed: 7 });
    expect(extras?.data).toMatchObject({ classes: 4, ownImages: false });
    const taught = (seed: number) =>
      buildModel(held.gpu, { ...pretraining, seed }, { ...context.data, classes: 4 })
        .stateDict()
        .get('layer4.1.conv2.weight')
        ?.data();
    for (const seed of [7, 8]) {
      const model = await source.start({ ...recipe, seed });
      expect(await model.stateDict().get('layer4.1.conv2.weight')?.data()).toEqual(await taught(seed));
      expect(model.stateDict().get('fc.weight')?.shape).toEqual([32, 4]);
    }
  });

  it('looks for the official weights at full width alone, and goes on without them where they cannot be had', async () => {
    const official = {
      environment: { variables: {}, platform: 'linux', home: folder } as const,
      published: { file: 'w.pth', url: 'http://127.0.0.1:9/w.pth', sha256: '0' },
    };
    const narrow = sourceContext();
    await transferSource(narrow.context, narrow.recipe, official);
    expect(narrow.said).toEqual([]);
    const full = sourceContext({ width: 1 });
    const source = await transferSource(full.context, full.recipe, official);
    expect(source.name).toBe('rotation');
    expect(full.said[0]).toMatch(
      /^torchvision's ImageNet weights are not at hand \(.*\); pretraining on another task\.$/,
    );
  });
});
