/** Where a training is, about once a second. */
export interface StepEntry {
  /** Steps done of all epochs. */
  step: number;
  /** From 1. */
  epoch: number;
  /** Means over the epoch so far. */
  loss: number;
  accuracy: number;
  imagesPerSecond: number;
}

/** What an epoch came to. */
export interface EpochEntry {
  /** From 1. */
  epoch: number;
  loss: number;
  accuracy: number;
  /** How long it took. */
  seconds: number;
  /** On the validation images, where there are some. */
  validation?: Readonly<Record<string, number>>;
}

/** Settings of a training: names and numbers. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** A record of a training that other programs read while it goes on. What is told stands in its file when the method returns. */
export interface TrainingLog {
  /** The file. */
  readonly path: string;
  /** What is trained, before its first step. */
  begin(name: string, settings: Settings): void;
  step(entry: StepEntry): void;
  epoch(entry: EpochEntry): void;
  /** A figure, as the bytes of a PNG. */
  image(name: string, png: Uint8Array): void;
  /** Scores on the test images; null where one is not defined. The last that is told. */
  end(scores: Readonly<Record<string, number | null>>): void;
}
