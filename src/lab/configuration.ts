import { z } from 'zod';
import type { ModelName } from '../nn/models/index.ts';
import { DATASET_NAMES } from './data/dataset.ts';
import { type EpochsOf, PRESET_NAMES, PRESETS, type PresetName, type Widths } from './presets.ts';

const whole = z.number().int().min(1);
const width = z.number().positive();

/** Everything that decides what a run computes. Written to results.json; two runs of one configuration on one adapter give the same figures. */
export const configurationSchema = z.strictObject({
  preset: z.enum(PRESET_NAMES as [PresetName, ...PresetName[]]),
  data: z.enum(DATASET_NAMES),
  seed: z.number().int().min(0),
  /** Repetitions of each training, with seeds from `seed` upwards. */
  seeds: whole,
  widths: z.strictObject({ customCnn: width, resnet: width, efficientnet: width }),
  dropout: z.number().min(0).max(1),
  epochs: z.strictObject({ ps2: whole, ps3: whole, ps4: whole, ps6: whole, ps7: whole }),
  batchSize: whole,
  maxPerClass: whole,
  imbalance: z.number().min(1),
  testPerClass: whole.nullable(),
  features: z.strictObject({ images: whole, tsneIterations: whole, umapEpochs: whole }),
  pretraining: z.strictObject({ epochs: whole, images: whole }),
  /** File of weights to transfer from; null: none was given. */
  pretrained: z.string().nullable(),
  /** Improvements that PS7 measures, by name; null: all. */
  improvements: z.array(z.string()).nullable(),
});

export type Configuration = z.infer<typeof configurationSchema>;

/** What may be given in place of a preset's values. */
export interface GivenValues {
  data: Configuration['data'];
  seed: number;
  seeds?: number;
  /** Of all networks. */
  width?: number;
  /** Of all experiments. */
  epochs?: number;
  batchSize?: number;
  imbalance?: number;
  maxPerClass?: number;
  testPerClass?: number | null;
  pretrained?: string;
  /** Names of those that PS7 is to measure. */
  improvements?: readonly string[];
}

/** The preset's values, with those that were given in their place. */
export function configure(preset: PresetName, given: GivenValues): Configuration {
  const { summary: _, ...values } = PRESETS[preset];
  const { data, seed, seeds = 1, pretrained = null, improvements = null, width, epochs } = given;
  return configurationSchema.parse({
    ...{ preset, ...values, data, seed, seeds, pretrained, improvements },
    widths: width === undefined ? values.widths : all(values.widths, width),
    epochs: epochs === undefined ? values.epochs : all(values.epochs, epochs),
    batchSize: given.batchSize ?? values.batchSize,
    imbalance: given.imbalance ?? values.imbalance,
    maxPerClass: given.maxPerClass ?? values.maxPerClass,
    testPerClass: given.testPerClass === undefined ? values.testPerClass : given.testPerClass,
  });
}

/** The same number under every key. */
function all<T extends Widths | EpochsOf>(values: T, value: number): Record<string, number> {
  return Object.fromEntries(Object.keys(values).map((key) => [key, value]));
}

/** The width multiplier that a configuration has for a network. */
export function widthOf({ widths }: Pick<Configuration, 'widths'>, model: ModelName): number {
  if (model === 'custom-cnn') return widths.customCnn;
  return model.startsWith('resnet') ? widths.resnet : widths.efficientnet;
}

/** How a configuration differs from the lab's own figures, as phrases; empty where it does not. */
export function differencesFromFull(configuration: Configuration): string[] {
  const full = PRESETS.full;
  const phrases: string[] = [];
  const differ = (what: string, own: number | null, labs: number | null) => {
    if (own !== labs) phrases.push(`${what} ${own ?? 'all'} instead of ${labs ?? 'all'}`);
  };
  const { widths, epochs, features, pretraining } = configuration;
  differ('width of CustomCNN', widths.customCnn, full.widths.customCnn);
  differ('width of the ResNets', widths.resnet, full.widths.resnet);
  differ('width of EfficientNet-B0', widths.efficientnet, full.widths.efficientnet);
  differ('dropout', configuration.dropout, full.dropout);
  for (const id of Object.keys(epochs) as (keyof EpochsOf)[]) {
    differ(`epochs of ${id.toUpperCase()}`, epochs[id], full.epochs[id]);
  }
  differ('batch size', configuration.batchSize, full.batchSize);
  differ('imbalance', configuration.imbalance, full.imbalance);
  differ('images of the largest class', configuration.maxPerClass, full.maxPerClass);
  differ('test images per class', configuration.testPerClass, full.testPerClass);
  differ('images whose features are looked at', features.images, full.features.images);
  differ('t-SNE iterations', features.tsneIterations, full.features.tsneIterations);
  differ('UMAP epochs', features.umapEpochs, full.features.umapEpochs);
  differ('epochs of pretraining', pretraining.epochs, full.pretraining.epochs);
  differ('images for pretraining', pretraining.images, full.pretraining.images);
  if (configuration.data !== 'cifar10') phrases.push(`${configuration.data} instead of cifar10`);
  return phrases;
}
