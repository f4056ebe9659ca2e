import { z } from 'zod';
import { SCHEDULE_NAMES } from '../../nn/schedules/index.ts';

const whole = z.number().int().min(1);
const width = z.number().positive();

/** What a preset fixes. Widths, epochs, batch size and tail can be changed by options of the command line. */
export const presetSchema = z.strictObject({
  /** Width multipliers of the networks' families; 1 is the lab's. */
  widths: z.strictObject({ customCnn: width, resnet: width, efficientnet: width }),
  /** Probability of CustomCNN's dropout; EfficientNet-B0's is 0.2 or this, whichever is less. A narrow network has fewer features to spare. */
  dropout: z.number().min(0).max(1),
  /** Epochs of the trainings of each experiment: PS6's of each transfer strategy, PS7's of each improvement. */
  epochs: z.strictObject({ ps2: whole, ps3: whole, ps4: whole, ps6: whole, ps7: whole }),
  batchSize: whole,
  /**
   * How EfficientNet-B0 is trained in PS3; by Adam under cross-entropy as the others, and the lab trains it as them in all else. Where there are few
   * steps it needs a way of its own to learn anything, and the report says so.
   */
  efficientnet: z.strictObject({
    epochs: whole,
    batchSize: whole,
    lr: z.number().min(0),
    schedule: z.enum(SCHEDULE_NAMES),
    /** Stochastic depth: the probability of skipping the last block; it falls to 0 towards the first one. */
    stochasticDepth: z.number().min(0).max(1),
  }),
  /** Images of the largest class of the long tail. */
  maxPerClass: whole,
  /** Largest class over smallest. */
  imbalance: z.number().min(1),
  /** Test images per class at most, the first of each class; null takes all. */
  testPerClass: whole.nullable(),
  /** Test images at most whose features are looked at, and how long their maps are computed. */
  features: z.strictObject({ images: whole, tsneIterations: whole, umapEpochs: whole }),
  /** Pretraining where no weights are given: epochs, and images of the source task at most. */
  pretraining: z.strictObject({ epochs: whole, images: whole }),
});

export type PresetValues = z.infer<typeof presetSchema>;
export type EpochsOf = PresetValues['epochs'];
export type Widths = PresetValues['widths'];

/**
 * The presets, each with one line on it for --help and the results. `full` is the lab's own; the others are cut down to run without a GPU, and the
 * results say by how much.
 */
export const PRESETS = {
  smoke: {
    summary: 'a look at every step, up to three minutes on two cores without a GPU',
    widths: { customCnn: 1 / 16, resnet: 1 / 16, efficientnet: 1 / 8 },
    dropout: 0.1,
    epochs: { ps2: 1, ps3: 1, ps4: 1, ps6: 1, ps7: 1 },
    batchSize: 32,
    efficientnet: { epochs: 1, batchSize: 32, lr: 1e-3, schedule: 'constant', stochasticDepth: 0.2 },
    maxPerClass: 60,
    imbalance: 10,
    testPerClass: 20,
    features: { images: 100, tsneIterations: 250, umapEpochs: 50 },
    pretraining: { epochs: 1, images: 200 },
  },
  quick: {
    summary: 'narrow networks on part of the images, 13 to 17 minutes on two cores without a GPU',
    widths: { customCnn: 0.125, resnet: 0.125, efficientnet: 0.25 },
    dropout: 0.1,
    epochs: { ps2: 3, ps3: 5, ps4: 5, ps6: 4, ps7: 4 },
    batchSize: 16,
    efficientnet: { epochs: 30, batchSize: 32, lr: 3e-3, schedule: 'cosine', stochasticDepth: 0 },
    maxPerClass: 300,
    imbalance: 10,
    testPerClass: 100,
    features: { images: 1000, tsneIterations: 500, umapEpochs: 200 },
    pretraining: { epochs: 3, images: 1500 },
  },
  full: {
    summary: "the lab's own figures, for a GPU",
    widths: { customCnn: 1, resnet: 1, efficientnet: 1 },
    dropout: 0.5,
    epochs: { ps2: 12, ps3: 15, ps4: 12, ps6: 10, ps7: 12 },
    batchSize: 128,
    efficientnet: { epochs: 15, batchSize: 128, lr: 1e-3, schedule: 'constant', stochasticDepth: 0.2 },
    maxPerClass: 5000,
    imbalance: 100,
    testPerClass: null,
    features: { images: 2000, tsneIterations: 1000, umapEpochs: 500 },
    pretraining: { epochs: 15, images: 60_000 },
  },
} as const satisfies Record<string, PresetValues & { summary: string }>;

/** The name of a preset. */
export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];
