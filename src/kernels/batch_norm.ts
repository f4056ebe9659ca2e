import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { enoughInvocations } from '../runtime/grid.ts';
import { reduceSum } from './broadcast.ts';
import { dispatch } from './dispatch.ts';
import { room } from './packing.ts';

type F32 = DeviceArray<'f32'>;

/** Pixels and channels of what is normalised: x [rows, channels], rows = N·H·W. */
export interface BatchNormShape {
  rows: number;
  channels: number;
  /** Whether to take four channels at once in the forward pass. Default: where their number allows it. */
  vectors?: boolean;
}

/** Functions that may follow in the same pass, as `batch_norm_apply.wgsl` names them in capitals. */
export type NormActivation = 'relu' | 'silu' | 'gelu' | 'leaky-relu';

/** What follows a normalisation. */
export interface Followed {
  /** Default: nothing. */
  activation?: NormActivation;
  /** Of 'leaky-relu' below 0. Default 0.01. */
  slope?: number;
}

/** Floating-point operations of each function for an element, and of its slope. */
const ACTIVATION_FLOPS: Readonly<Record<NormActivation, readonly [forward: number, backward: number]>> = {
  relu: [1, 1],
  silu: [4, 8],
  gelu: [20, 23],
  'leaky-relu': [2, 2],
};

/** Constants, params and operations of a kernel that knows the activations. backward: whether it takes a gradient through one. */
function activationCall(gpu: Gpu, shader: string, { activation, slope = 0.01 }: Followed, backward: boolean) {
  if (activation !== undefined && !Object.hasOwn(ACTIVATION_FLOPS, activation)) {
    const names = Object.keys(ACTIVATION_FLOPS).join(', ');
    throw new RangeError(`batchNorm2d: there is no activation '${activation}'; choose one of ${names}.`);
  }
  const name = activation === undefined ? 'NONE' : activation.toUpperCase().replace('-', '_');
  // A gradient goes through at the value that was normalised, which is computed anew.
  const flops = activation === undefined ? 0 : ACTIVATION_FLOPS[activation][Number(backward)] + (backward ? 2 : 0);
  return { constants: { ACTIVATION: gpu.shader(shader).constants[name] }, params: { slope }, flops };
}

/** What a normalisation went by: mean and 1/√(variance + eps), [C] each. */
export interface BatchNormStatistics {
  mean: F32;
  invstd: F32;
}

/** What evaluation goes by: the running statistics. */
export interface RunningStatistics {
  mean: F32;
  variance: F32;
  eps: number;
}

/** Invocations of a workgroup that adds up a slice. */
const WORKGROUP = 64;
/** Rows that one of them takes before the rows are cut into slices, which outweigh joining them: on a GPU, and on a software driver, for whose few cores the columns are enough. */
const ROWS_EACH = { hardware: 64, software: 1024 };
/** Rows of a run in the elementwise passes. */
const RUN = 8;

/** Work is done on four channels at once where their number allows it. */
function lanesOf(channels: number, wanted = true): { vectors: boolean; columns: number } {
  return wanted && channels % 4 === 0
    ? { vectors: true, columns: channels / 4 }
    : { vectors: false, columns: channels };
}

/** How workgroups share the sums over the rows: each takes some columns beside each other, of which neighbours are read together, and a slice of the rows. */
function sumGrid(gpu: Gpu, rows: number, columns: number) {
  const { software } = gpu.adapter;
  const beside = Math.min(8, 2 ** Math.floor(Math.log2(Math.max(1, columns / (software ? 4 : 1)))));
  const across = Math.ceil(columns / beside);
  const each = (WORKGROUP / beside) * (software ? ROWS_EACH.software : ROWS_EACH.hardware);
  const wanted = Math.min(
    Math.ceil(rows / each),
    Math.ceil(enoughInvocations(gpu) / (software ? 1 : WORKGROUP * across)),
  );
  const slice_rows = Math.ceil(rows / wanted);
  const slices = Math.ceil(rows / slice_rows);
  return { constants: { COLUMNS: beside }, params: { slice_rows, slices }, workgroups: [across, slices] as const };
}

/** Mean and inverse deviation of each channel over the rows; moves the running statistics on, in place. */
export function batchNormStatistics(
  x: F32,
  runningMean: F32,
  runningVar: F32,
  { rows, channels, vectors: wanted, eps, momentum }: BatchNormShape & { eps: number; momentum: number },
): BatchNormStatistics {
  const { gpu } = x;
  const { vectors, columns } = lanesOf(channels, wanted);
  const grid = sumGrid(gpu, rows, columns);
  const { slice_rows, slices } = grid.params;
  const sliceMean = gpu.alloc(slices * channels, 'f32', 'batchNorm');
  const sliceM2 = gpu.alloc(slices * channels, 'f32', 'batchNorm');
  const running = { running_mean: [runningMean, channels], running_var: [runningVar, channels] } as const;
  dispatch(gpu, vectors ? 'batch_norm_stats<vec4f>' : 'batch_norm_stats', {
    operation: 'batchNorm',
    arrays: {
      x: [x, rows * channels],
      mean: [sliceMean, slices * channels],
      m2: [sliceM2, slices * channels],
      ...running,
    },
    constants: grid.constants,
    params: { rows, columns, slice_rows, slices, eps, momentum },
    workgroups: grid.workgroups,
    flops: (4 * rows + (slices === 1 ? 16 : 5 * slices)) * channels,
  });
  if (slices === 1) return { mean: sliceMean, invstd: sliceM2 };
  const mean = gpu.alloc(channels, 'f32', 'batchNorm');
  const invstd = gpu.alloc(channels, 'f32', 'batchNorm');
  dispatch(gpu, 'batch_norm_merge', {
    operation: 'batchNorm',
    arrays: {
      slice_mean: [sliceMean, slices * channels],
      slice_m2: [sliceM2, slices * channels],
      mean: [mean, channels],
      invstd: [invstd, channels],
      ...running,
    },
    params: { rows, columns: channels, slice_rows, slices, eps, momentum },
    invocations: channels,
    flops: 11 * slices * channels,
  });
  gpu.drop(sliceMean);
  gpu.drop(sliceM2);
  return { mean, invstd };
}

/** 1 / √(variance + eps). */
export function batchNormInvstd(variance: F32, eps: number): F32 {
  const { gpu, length } = variance;
  const invstd = gpu.alloc(length, 'f32', 'batchNorm');
  dispatch(gpu, 'batch_norm_invstd', {
    operation: 'batchNorm',
    arrays: { variance: [variance, length], invstd: [invstd, length] },
    params: { columns: length, eps },
    invocations: length,
    flops: 3 * length,
  });
  return invstd;
}

/**
 * What evaluation makes of a convolution's sums before its own bias, [2, C]: to add, and behind that to multiply with before; see `conv2dScaled`.
 * convBias: the convolution's, where it has one.
 */
export function batchNormFold(
  { mean, variance, eps }: RunningStatistics,
  weight: F32,
  bias: F32,
  convBias: F32 | undefined,
): F32 {
  const { gpu, length } = mean;
  const folded = gpu.alloc(2 * length, 'f32', 'batchNorm');
  dispatch(gpu, 'batch_norm_fold', {
    operation: 'batchNorm',
    arrays: {
      mean: [mean, length],
      variance: [variance, length],
      weight: [weight, length],
      bias: [bias, length],
      conv_bias: [convBias ?? bias, length],
      folded: [folded, 2 * length],
    },
    params: { columns: length, eps, has_conv_bias: Number(convBias !== undefined) },
    invocations: length,
    flops: 6 * length,
  });
  return folded;
}

/** y = (x − mean) · invstd · weight + bias, and the activation of it. */
export function batchNormApply(
  x: F32,
  statistics: BatchNormStatistics | RunningStatistics,
  weight: F32,
  bias: F32,
  { rows, channels, vectors: wanted, ...followed }: BatchNormShape & Followed,
): F32 {
  const { gpu } = x;
  const { vectors, columns } = lanesOf(channels, wanted);
  const y = gpu.alloc(rows * channels, 'f32', 'batchNorm', x.storage);
  const shader = vectors ? 'batch_norm_apply<vec4f>' : 'batch_norm_apply';
  const { constants, params, flops } = activationCall(gpu, shader, followed, false);
  const running = 'variance' in statistics ? statistics : undefined;
  const { INVSTD, VARIANCE } = gpu.shader(shader).constants;
  dispatch(gpu, shader, {
    operation: 'batchNorm',
    arrays: {
      x: [x, rows * channels],
      mean: [statistics.mean, channels],
      spread: ['variance' in statistics ? statistics.variance : statistics.invstd, channels],
      weight: [weight, channels],
      bias: [bias, channels],
      y: [y, rows * channels],
    },
    constants: { ...constants, SPREAD: running ? VARIANCE : INVSTD },
    params: { rows, columns, run: RUN, eps: running?.eps ?? 0, ...params },
    invocations: Math.ceil(rows / RUN) * columns,
    flops: (3 + flops) * rows * channels,
  });
  return y;
}

/** What the backward pass reads, and the activation that it goes through. */
export interface BatchNormSaved extends BatchNormStatistics, Followed {
  x: F32;
  weight: F32;
  bias: F32;
}

/** Σ dy and Σ dy·xhat over the rows, which are the gradients of bias and weight. */
export interface BatchNormGradSums {
  /** Both sums, the second from `span` elements on; what lies between is undefined. */
  sums: F32;
  span: number;
  /** The sums by themselves, over the same memory. [C] each. */
  dbias: F32;
  dweight: F32;
}

/** What the backward pass reads of dy and x first. */
export function batchNormGradSums(
  dy: F32,
  { x, mean, invstd, weight, bias, ...followed }: BatchNormSaved,
  { rows, channels }: BatchNormShape,
): BatchNormGradSums {
  const { gpu } = dy;
  const { vectors, columns } = lanesOf(channels);
  const grid = sumGrid(gpu, rows, columns);
  const { slices } = grid.params;
  const span = room(channels);
  const partial = gpu.alloc(slices * 2 * span, 'f32', 'batchNormGrad');
  const shader = vectors ? 'batch_norm_grad_sums<vec4f>' : 'batch_norm_grad_sums';
  const { constants, params, flops } = activationCall(gpu, shader, followed, true);
  dispatch(gpu, shader, {
    operation: 'batchNormGrad',
    arrays: {
      dy: [dy, rows * channels],
      x: [x, rows * channels],
      mean: [mean, channels],
      invstd: [invstd, channels],
      weight: [weight, channels],
      bias: [bias, channels],
      sums: [partial, partial.length],
    },
    constants: { ...constants, ...grid.constants },
    params: { rows, columns, ...grid.params, span: vectors ? span / 4 : span, ...params },
    workgroups: grid.workgroups,
    flops: (4 + flops) * rows * channels,
  });
  let sums = partial;
  if (slices > 1) {
    sums = reduceSum(partial, { outer: 1, repeat: slices, inner: 2 * span });
    gpu.drop(partial);
  }
  const dbias = gpu.part(sums, 0, channels, 'batchNormGrad');
  const dweight = gpu.part(sums, span, channels, 'batchNormGrad');
  return { sums, span, dbias, dweight };
}

/** dx, from what `batchNormGradSums` gives. training: whether mean and invstd came from x itself. */
export function batchNormInputGrad(
  dy: F32,
  { x, mean, invstd, weight, bias, ...followed }: BatchNormSaved,
  { sums, span }: BatchNormGradSums,
  { rows, channels, training }: BatchNormShape & { training: boolean },
): F32 {
  const { gpu } = dy;
  const { vectors, columns } = lanesOf(channels);
  const dx = gpu.alloc(rows * channels, 'f32', 'batchNormGrad', dy.storage);
  const shader = vectors ? 'batch_norm_input_grad<vec4f>' : 'batch_norm_input_grad';
  const { constants, params, flops } = activationCall(gpu, shader, followed, true);
  dispatch(gpu, shader, {
    operation: 'batchNormGrad',
    arrays: {
      dy: [dy, rows * channels],
      x: [x, rows * channels],
      mean: [mean, channels],
      invstd: [invstd, channels],
      weight: [weight, channels],
      bias: [bias, channels],
      sums: [sums, 2 * span],
      dx: [dx, rows * channels],
    },
    constants,
    params: { rows, columns, run: RUN, span: vectors ? span / 4 : span, scale: training ? 1 / rows : 0, ...params },
    invocations: Math.ceil(rows / RUN) * columns,
    flops: (5 + flops) * rows * channels,
  });
  return dx;
}
