import { resolve } from 'node:path';
import type { ImageClassifier } from '../../nn/models/image_classifier.ts';
import { DownloadFailed } from '../../node/download.ts';
import { buildModel, type Recipe } from '../../train/recipe.ts';
import type { Configuration } from '../run/configuration.ts';
import type { LabContext } from '../run/experiment.ts';
import { readWeightsFile } from '../run/weights_file.ts';
import { percent } from '../terminal/text_table.ts';
import { networkWithWeights } from './network_with_weights.ts';
import { type OfficialWeightsOptions, officialWeights } from './official_weights.ts';
import { rotationTask } from './rotation_task.ts';

/** What a network is transferred from. */
export interface TransferSource {
  /** Part of the names of the trainings that start from it. */
  name: string;
  /** For the report: where the weights come from, and why they tell nothing of the target's labels. */
  description: string;
  /** Scores of the pretraining on its own task, where the lab made it. */
  results: Record<string, unknown>;
  /** The recipe's network with the source's weights; its last layer is drawn by the recipe's seed. */
  start(recipe: Recipe): Promise<ImageClassifier>;
}

type SourceContext = Pick<LabContext, 'gpu' | 'configuration' | 'dataset' | 'data' | 'trained' | 'say' | 'signal'>;

/**
 * Where the weights come from: the file of `--pretrained`; else, at full width, torchvision's from the cache or the network; else from
 * pretraining on a task that does not tell the target's labels. recipe: of the network that is to take them over.
 * Throws UserError for a file that does not fit.
 */
export async function transferSource(
  context: SourceContext,
  recipe: Recipe,
  official: OfficialWeightsOptions = {},
): Promise<TransferSource> {
  const { pretrained } = context.configuration;
  if (pretrained !== null) return fromFile(context, recipe, resolve(pretrained));
  if (recipe.width === 1) {
    try {
      const { file } = await officialWeights({ signal: context.signal, ...official });
      return await fromFile(context, recipe, file);
    } catch (error) {
      if (!(error instanceof DownloadFailed)) throw error;
      context.say(`torchvision's ImageNet weights are not at hand (${error.message}); pretraining on another task.`);
    }
  }
  return pretrainedHere(context, recipe);
}

async function fromFile({ gpu, data }: SourceContext, recipe: Recipe, path: string): Promise<TransferSource> {
  const file = await readWeightsFile(path);
  const withWeights = (recipe: Recipe) => networkWithWeights(gpu, recipe, data, file, { otherClasses: true }).model;
  // Here, so that a file that does not fit is refused before anything is trained.
  gpu.scope(() => {
    withWeights(recipe);
  });
  return {
    name: `weights-${file.sha256.slice(0, 8)}`,
    description: `The weights come from ${path}. Its first convolution was made 3×3, each new tap the sum of the old ones that its square covers, so that it sees in a small image what the old one sees in the same image enlarged. The last layer was drawn anew. If they were trained on ImageNet, as torchvision's are, they know nothing of this data set's labels.`,
    results: { file: path },
    start: async (recipe) => withWeights(recipe),
  };
}

/** The pretraining of a recipe's network on another task. */
export function pretrainingRecipe({ pretraining, seed }: Configuration, recipe: Recipe): Recipe {
  return {
    ...recipe,
    ...{ loss: 'ce', lr: 1e-3, sampler: 'none', epochs: pretraining.epochs, seed },
    // A flip would turn one turned image into another.
    augmentation: 'none',
  };
}

async function pretrainedHere(context: SourceContext, recipe: Recipe): Promise<TransferSource> {
  const { gpu, dataset, data, configuration } = context;
  const { images } = configuration.pretraining;
  const task = rotationTask(gpu, dataset, { target: data.tail.indices, images, seed: configuration.seed });
  const pretraining = pretrainingRecipe(configuration, recipe);
  const { epochs } = pretraining;
  const source = await context.trained(pretraining, { variant: 'rotation', data: task });
  const { accuracy } = source.scores;
  const whose = task.ownImages
    ? "the target's own training images, since hardly any others are left, without their labels"
    : `${task.images} training images of ${dataset.name} that the target task leaves out, without their labels`;
  return {
    name: 'rotation',
    description: `No ImageNet weights were at hand, so the same network was first taught another task: to tell by how many quarter turns an image was turned (${epochs === 1 ? '1 epoch' : `${epochs} epochs`} on ${whose}; it is right in ${percent(accuracy)} of images kept back, chance being 25 %). Neither labels of the target nor its test images are used. It does get to see more images than the network from scratch, which is what pretraining is; and it is a far smaller lesson than ImageNet, so these gains say nothing of what ImageNet weights would bring.`,
    results: { task: 'rotation', images: task.images, ownImages: task.ownImages, key: source.key, accuracy },
    async start(recipe) {
      const taught = source.repeats.find((repeat) => repeat.recipe.seed === recipe.seed) ?? source.repeats[0];
      const model = buildModel(gpu, recipe, data);
      await taught.withModel((network) => {
        const state = new Map([...network.stateDict()].filter(([name]) => !name.startsWith('fc.')));
        model.loadStateDict(state, { strict: false });
      });
      return model;
    },
  };
}
