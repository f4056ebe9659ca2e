// What the page and the engine's worker say to each other. A request is a name of `Requests` with what is asked; its answer comes back under the same
// number. What the worker tells unasked is a `Report`.
//
// To add a kind of request: add a line to `Requests` here, and a handler of that name to the table that `serve` is given in `engine/worker.ts`. A handler
// runs between two training steps, never within one, and may return a promise. On the page: `await engine.ask('name', what)`.

import type { SamplerName } from '../src/data/samplers/index.ts';
import type { ConformanceReport } from '../src/inspect/conformance/conformance.ts';
import type { PageData } from '../src/inspect/page_data.ts';
import type { LossName } from '../src/nn/losses/index.ts';
import type { ModelName } from '../src/nn/models/index.ts';
import type { OptimizerName } from '../src/nn/optimizers/index.ts';
import type { DeskRequests } from './desk/desk_requests.ts';

/** What one of the runs side by side has of its own. */
export interface RunSetUp {
  loss: LossName;
  sampler: SamplerName;
}

/** All that decides a training on the page. */
export interface SetUp {
  data: string;
  /** Training images of the largest class. */
  perClass: number;
  /** Images of the largest class over those of the smallest. */
  imbalance: number;
  model: ModelName;
  width: number;
  optimizer: OptimizerName;
  lr: number;
  batchSize: number;
  seed: number;
  /** One, or two side by side. */
  runs: RunSetUp[];
}

/** What is known once the device is open. */
export interface Opened {
  adapter: string;
  software: boolean;
  subgroups: boolean;
}

/** What is known once a set-up stands. */
export interface Ready {
  classNames: readonly string[];
  /** Training images of each class. */
  counts: readonly number[];
  /** Images held out. */
  held: number;
  /** Of an image: height, width, channels. */
  imageShape: readonly [number, number, number];
  parameters: number;
  summary: string;
  /** Whether the data is the digits that came with the page. */
  digits: boolean;
}

/** How a run does on the images held out. */
export interface HeldOut {
  step: number;
  loss: number;
  accuracy: number;
  balancedAccuracy: number;
  /** By class. */
  recall: number[];
  /** [classes, classes], rows are the true classes. */
  confusion: number[];
}

/** An image that was taken for another. */
export interface Mistake {
  /** Place among the images held out. */
  image: number;
  label: number;
  predicted: number;
  probability: number;
  /** [H, W, C] */
  pixels: Uint8Array;
}

/** Of a layer's parameters: its name, the sizes of its gradient and of its last update relative to it. */
export interface LayerGradient {
  name: string;
  gradient: number;
  weight: number;
  update: number;
}

/** Something that `diagnose` says. */
export interface Said {
  title: string;
  level: 'warning' | 'note';
  text: string;
}

/** Maps on an image as bytes or numbers. */
export interface Maps {
  height: number;
  width: number;
  /** Name of the layer. */
  layer: string;
  /** [count, height, width] */
  values: Float32Array;
}

/** What a run says of one image. */
export interface Seen {
  probabilities: number[];
  /** Grad-CAM for the class it takes the image for: 0 to 1. */
  cam?: Maps;
  /** Some channels of some layers. */
  features: Maps[];
}

/** Filters of the first convolution: [kh, kw, ci, co]. */
export interface Filters {
  shape: readonly number[];
  values: Float32Array;
}

/** What the worker tells while it trains, a few times a second. Losses are those since the last report. */
export interface Progress {
  step: number;
  /** Steps of an epoch. */
  stepsPerEpoch: number;
  training: boolean;
  /** For all runs together. */
  imagesPerSecond: number;
  /** Share of the time that went into statistics for the page. */
  display: number;
  runs: { from: number; losses: number[]; accuracies: number[] }[];
}

/** What the worker tells now and then. */
export interface Look {
  run: number;
  step: number;
  held?: HeldOut;
  mistakes?: Mistake[];
  filters?: Filters;
  layers?: LayerGradient[];
  phases?: { phase: string; ms: number }[];
  said?: Said[];
}

/** Images as the page hands them to the engine. */
export interface GivenImages {
  name: string;
  classNames: string[];
  height: number;
  width: number;
  channels: number;
  images: Uint8Array;
  labels: Uint32Array;
  /** Of these, how many at the end are held out; otherwise a share of each class. */
  test?: { images: Uint8Array; labels: Uint32Array };
  mean?: number[];
  std?: number[];
  mirror: boolean;
}

/** Requests, with what is asked and what is answered. */
export interface Requests extends DeskRequests {
  /** digits: the packed digits. */
  open: [ask: { digits: ArrayBuffer }, answer: Opened];
  give: [ask: GivenImages, answer: unknown];
  setUp: [ask: SetUp, answer: Ready];
  train: [ask: undefined, answer: unknown];
  pause: [ask: undefined, answer: unknown];
  /** Does so many steps and answers when they are done and told. */
  steps: [ask: number, answer: unknown];
  /** Back to the state after so many steps. */
  rewind: [ask: number, answer: unknown];
  /** What the runs say of an image, [H, W, C] bytes. */
  look: [ask: { pixels: Uint8Array }, answer: Seen[]];
  /** An image held out. */
  heldOut: [ask: number, answer: { pixels: Uint8Array; label: number }];
  /** All that is told now and then, now. */
  refresh: [ask: undefined, answer: unknown];
  /** Weights of a run as a safetensors file. */
  save: [ask: { run: number }, answer: Uint8Array];
  load: [ask: { run: number; file: Uint8Array }, answer: unknown];
  /** Records the next step of a run: the page of `inspect`. */
  record: [ask: { run: number; image: number }, answer: { data: PageData; numbers: Float32Array }];
  /** Checks whether the GPU computes rightly, which `checking` is told of. */
  check: [ask: { quick: boolean }, answer: ConformanceReport];
}

export type RequestName = keyof Requests;

/** What the worker tells unasked. */
export type Report =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'look'; look: Look }
  /** How far a check is, from 0 to 1, and what comes next. */
  | { kind: 'checking'; share: number; next: string }
  /** The training stopped for a reason. */
  | { kind: 'trouble'; sentence: string; lost?: boolean };

/** As it goes over the wire. */
export type ToWorker = { [K in RequestName]: { id: number; name: K; what: Requests[K][0] } }[RequestName];
export type FromWorker = { id: number; answer: unknown } | { id: number; fault: string } | { report: Report };
