import { z } from 'zod';
import type { ModelName } from '../../nn/models/index.ts';
import { type DataReading, readingOf, readingSchema } from './data_fields.ts';
import { type EpochsOf, PRESET_NAMES, PRESETS, type PresetName, presetSchema, type Widths } from './presets.ts';

/** Everything that decides what a run computes. Written to results.json; two runs of one configuration on one adapter give the same figures. */
export const configurationSchema = z.strictObject({
  preset: z.enum(PRESET_NAMES as [PresetName, ...PresetName[]]),
  /** A name, or where images of one's own are. */
  data: z.string(),
  ...readingSchema.shape,
  seed: z.number().int().min(0),
  /** Repetitions of each training, with seeds from `seed` upwards. */
  seeds: z.number().int().min(1),
  ...presetSchema.shape,
  /** Largest class over smallest; null: the classes' sizes as they are. */
  imbalance: presetSchema.shape.imbalance.nullable(),
  /** File of weights to transfer from; null: none was given. */
  pretrained: z.string().nullable(),
  /** Improvements that PS7 measures, by name; null: all. */
  improvements: z.array(z.string()).nullable(),
});

/** Everything that decides what a run of the lab computes. */
export type Configuration = z.infer<typeof configurationSchema>;

/** What may be given in place of a preset's values. */
export interface GivenValues extends DataReading {
  data: string;
  /** Whether the sizes of the data's classes are kept as they are. Default false. */
  natural?: boolean;
  seed: number;
  /** Repetitions of each training. Default 1. */
  seeds?: number;
  /** Of all networks. */
  width?: number;
  /** Of all experiments. */
  epochs?: number;
  batchSize?: number;
  imbalance?: number;
  maxPerClass?: number;
  testPerClass?: number | null;
  /** File of weights to transfer from. */
  pretrained?: string;
  /** Names of the improvements that PS7 is to measure. Default: all. */
  improvements?: readonly string[];
}

/** The preset's values, with those that were given in their place. */
export function configure(preset: PresetName, given: GivenValues): Configuration {
  const { summary: _, ...values } = PRESETS[preset];
  const { data, seed, seeds = 1, pretrained = null, improvements = null, width, epochs } = given;
  const { efficientnet } = values;
  return configurationSchema.parse({
    ...{ preset, ...values, data, ...readingOf(given), seed, seeds, pretrained, improvements },
    widths: width === undefined ? values.widths : all(values.widths, width),
    epochs: epochs === undefined ? values.epochs : all(values.epochs, epochs),
    batchSize: given.batchSize ?? values.batchSize,
    efficientnet: {
      ...efficientnet,
      epochs: epochs ?? efficientnet.epochs,
      batchSize: given.batchSize ?? efficientnet.batchSize,
    },
    imbalance: given.imbalance ?? (given.natural ? null : values.imbalance),
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

/** A value of the configuration that is not the lab's own. null: all. */
export interface Difference {
  what: string;
  own: number | string | null;
  labs: number | string | null;
}

/** How EfficientNet-B0 is trained, in words. */
const EFFICIENTNET_VALUES = [
  ['epochs', 'epochs'],
  ['batchSize', 'batch size'],
  ['lr', 'learning rate'],
  ['schedule', 'schedule'],
  ['stochasticDepth', 'stochastic depth'],
] as const satisfies readonly [keyof Configuration['efficientnet'], string][];

/** How a configuration differs from the lab's own figures; empty where it does not. */
export function differencesFromFull(configuration: Configuration): Difference[] {
  const full = PRESETS.full;
  const { widths, epochs, efficientnet, features, pretraining } = configuration;
  const all: Difference[] = [
    { what: 'data', own: configuration.data, labs: 'cifar10' },
    { what: 'width of CustomCNN', own: widths.customCnn, labs: full.widths.customCnn },
    { what: 'width of the ResNets', own: widths.resnet, labs: full.widths.resnet },
    { what: 'width of EfficientNet-B0', own: widths.efficientnet, labs: full.widths.efficientnet },
    { what: 'dropout', own: configuration.dropout, labs: full.dropout },
    ...(Object.keys(epochs) as (keyof EpochsOf)[]).map((id) => ({
      what: `epochs of ${id.toUpperCase()}`,
      own: epochs[id],
      labs: full.epochs[id],
    })),
    { what: 'batch size', own: configuration.batchSize, labs: full.batchSize },
    ...EFFICIENTNET_VALUES.map(([key, name]) => ({
      what: `${name} of EfficientNet-B0`,
      own: efficientnet[key],
      labs: full.efficientnet[key],
    })),
    { what: 'imbalance', own: configuration.imbalance ?? 'as it is', labs: full.imbalance },
    { what: 'images of the largest class', own: configuration.maxPerClass, labs: full.maxPerClass },
    { what: 'test images per class', own: configuration.testPerClass, labs: full.testPerClass },
    { what: 'images whose features are looked at', own: features.images, labs: full.features.images },
    { what: 't-SNE iterations', own: features.tsneIterations, labs: full.features.tsneIterations },
    { what: 'UMAP epochs', own: features.umapEpochs, labs: full.features.umapEpochs },
    { what: 'epochs of pretraining', own: pretraining.epochs, labs: full.pretraining.epochs },
    { what: 'images for pretraining', own: pretraining.images, labs: full.pretraining.images },
  ];
  return all.filter(({ own, labs }) => own !== labs);
}

/** The same as phrases: 'dropout 0.1 instead of 0.5'. */
export function formatDifference({ what, own, labs }: Difference): string {
  return `${what} ${own ?? 'all'} instead of ${labs ?? 'all'}`;
}

/** The same for a table; its header is what, here, in the lab. */
export function differenceRow({ what, own, labs }: Difference): (string | number)[] {
  return [what, own ?? 'all', labs ?? 'all'];
}
