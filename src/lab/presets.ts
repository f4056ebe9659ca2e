/** What a preset fixes. Width, epochs, batch size and tail can be changed by options of the command line. */
export interface PresetValues {
  /** One line for --help and the results. */
  summary: string;
  /** Width multiplier of the networks; 1 is the lab's. */
  width: number;
  /** Probability of CustomCNN's dropout. A narrow network has fewer features to spare. */
  dropout: number;
  epochs: number;
  batchSize: number;
  /** Images of the largest class of the long tail. */
  maxPerClass: number;
  /** Largest class over smallest. */
  imbalance: number;
  /** Test images per class at most, the first of each class; null takes all. */
  testPerClass: number | null;
}

/** The presets. `full` is the lab's own; the others are cut down to run without a GPU, and the results say by how much. */
export const PRESETS = {
  smoke: {
    summary: 'a look at every step, about a minute on two cores without a GPU',
    width: 0.125,
    dropout: 0.1,
    epochs: 2,
    batchSize: 64,
    maxPerClass: 300,
    imbalance: 10,
    testPerClass: 50,
  },
  quick: {
    summary: 'a narrow model on part of the images, up to about five minutes on two cores without a GPU',
    width: 0.25,
    dropout: 0.1,
    epochs: 5,
    batchSize: 16,
    maxPerClass: 1000,
    imbalance: 10,
    testPerClass: 200,
  },
  full: {
    summary: "the lab's own figures, for a GPU",
    width: 1,
    dropout: 0.5,
    epochs: 15,
    batchSize: 128,
    maxPerClass: 5000,
    imbalance: 100,
    testPerClass: null,
  },
} as const satisfies Record<string, PresetValues>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];
