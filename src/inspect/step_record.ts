import type { Shape } from '../autograd/tensor.ts';
import type { StepPhase } from '../train/training_step.ts';

/** How often values are counted in a histogram. */
export const HISTOGRAM_BINS = 40;

/** What the values of a tensor are like. NaN and infinite values are counted, and left out of all else. */
export interface TensorStatistics {
  count: number;
  mean: number;
  /** Standard deviation, of all values. */
  deviation: number;
  /** Share of values that are exactly 0. */
  zeros: number;
  min: number;
  max: number;
  nan: number;
  infinite: number;
  /** How many values lie in each of `HISTOGRAM_BINS` parts of [min, max]. */
  histogram: number[];
}

/** A module of the network. */
export interface ModuleRecord {
  /** Dotted name; '' is the network itself. */
  name: string;
  /** Its class: 'Conv2d'. */
  type: string;
  /** What distinguishes it: '3 → 64, 3×3'. */
  details: string;
  input: Shape;
  output: Shape;
}

/** Where an operation's input comes from: an earlier operation by its place in the list, a parameter or buffer by its name, the images, or elsewhere. */
export type Source = { node: number } | { parameter: string } | { images: true } | { other: Shape };

/** An operation that was written onto the tape, in the order of the forward pass. */
export interface NodeRecord {
  operation: string;
  /** Name of the innermost module it is part of; '' for the network itself and for what is outside it, such as the loss. */
  module: string;
  phase: StepPhase;
  inputs: Source[];
  shape: Shape;
  /** Bytes that it keeps for the backward pass and no operation before it does. */
  savedBytes: number;
  /** Shapes, strides and other numbers that decide the result. */
  settings: Record<string, unknown>;
  /** Present where the values were looked at. */
  activation?: TensorStatistics;
  /** Of the loss with respect to the output. */
  gradient?: TensorStatistics;
}

/** A run of a kernel. Times are milliseconds on the device since the step's first dispatch. */
export interface DispatchRecord {
  /** Name of the shader, with the type of its elements where the file leaves it open. */
  kernel: string;
  operation: string;
  phase: StepPhase;
  /** Place of the operation on the tape that it is part of, in its forward or its backward pass. */
  node?: number;
  /** Name of the module that it is part of, as of a node. */
  module: string;
  workgroups: readonly [number, number, number];
  flops: number | undefined;
  bytes: number;
  start: number;
  ms: number;
}

/** How much memory was in use before a dispatch. */
export interface MemorySample {
  dispatch: number;
  bytes: number;
}

/** Bytes that are there before the step and after it. */
export interface StandingMemory {
  parameters: number;
  /** What is saved besides parameters. */
  buffers: number;
  optimizer: number;
}

/** A parameter before the step and what the step did to it. */
export interface ParameterRecord {
  name: string;
  shape: Shape;
  value?: TensorStatistics;
  gradient?: TensorStatistics;
  /** After the step less before. */
  update?: TensorStatistics;
}

/** One training step, told in order. As JSON it is what `npx wgrad inspect --json` prints; docs/inspect.md explains it. */
export interface StepRecord {
  format: 'wgrad-step';
  version: 1;
  /** The network's class, and its parameters. */
  network: { type: string; parameters: number };
  /** The adapter's name. */
  adapter: string;
  /** See `Profile.clock`. */
  clock: 'timestamps' | 'wall';
  /** Steps done before this one. */
  stepsBefore: number;
  batchSize: number;
  images: Shape;
  loss: number;
  optimizer: { type: string; hyperparameters: Record<string, unknown> };
  modules: ModuleRecord[];
  nodes: NodeRecord[];
  dispatches: DispatchRecord[];
  memory: { standing: StandingMemory; samples: MemorySample[] };
  parameters: ParameterRecord[];
}
