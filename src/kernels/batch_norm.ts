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

/** What a normalisation went by: mean and 1/√(variance + eps), [C] each. */
export interface BatchNormStatistics {
  mean: F32;
  invstd: F32;
}

/** Rows of a slice at least, so that the sums over them outweigh joining the slices. */
const LEAST_SLICE_ROWS = 32;
/** Rows of a run in the elementwise passes. */
const RUN = 8;

/** Work is done on four channels at once where their number allows it. */
function lanesOf(channels: number, wanted = true): { vectors: boolean; columns: number } {
  return wanted && channels % 4 === 0
    ? { vectors: true, columns: channels / 4 }
    : { vectors: false, columns: channels };
}

function slicesOf(gpu: Gpu, rows: number, columns: number): { slice_rows: number; slices: number } {
  const wanted = Math.min(Math.ceil(enoughInvocations(gpu) / columns), Math.ceil(rows / LEAST_SLICE_ROWS));
  const slice_rows = Math.ceil(rows / wanted);
  return { slice_rows, slices: Math.ceil(rows / slice_rows) };
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
  const { slice_rows, slices } = slicesOf(gpu, rows, columns);
  const sliceMean = gpu.alloc(slices * channels, 'f32', 'batchNorm');
  const sliceM2 = gpu.alloc(slices * channels, 'f32', 'batchNorm');
  dispatch(gpu, vectors ? 'batch_norm_stats<vec4f>' : 'batch_norm_stats', {
    operation: 'batchNorm',
    arrays: { x: [x, rows * channels], mean: [sliceMean, slices * channels], m2: [sliceM2, slices * channels] },
    params: { rows, columns, slice_rows, slices },
    invocations: slices * columns,
    flops: (4 * rows + 5 * slices) * channels,
  });
  const mean = gpu.alloc(channels, 'f32', 'batchNorm');
  const invstd = gpu.alloc(channels, 'f32', 'batchNorm');
  dispatch(gpu, 'batch_norm_merge', {
    operation: 'batchNorm',
    arrays: {
      slice_mean: [sliceMean, slices * channels],
      slice_m2: [sliceM2, slices * channels],
      mean: [mean, channels],
      invstd: [invstd, channels],
      running_mean: [runningMean, channels],
      running_var: [runningVar, channels],
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

/** y = (x − mean) · invstd · weight + bias, rectified where `relu`. */
export function batchNormApply(
  x: F32,
  { mean, invstd }: BatchNormStatistics,
  weight: F32,
  bias: F32,
  { rows, channels, vectors: wanted, relu }: BatchNormShape & { relu: boolean },
): F32 {
  const { gpu } = x;
  const { vectors, columns } = lanesOf(channels, wanted);
  const y = gpu.alloc(rows * channels, 'f32', 'batchNorm');
  dispatch(gpu, vectors ? 'batch_norm_apply<vec4f>' : 'batch_norm_apply', {
    operation: 'batchNorm',
    arrays: {
      x: [x, rows * channels],
      mean: [mean, channels],
      invstd: [invstd, channels],
      weight: [weight, channels],
      bias: [bias, channels],
      y: [y, rows * channels],
    },
    params: { rows, columns, run: RUN, relu: Number(relu) },
    invocations: Math.ceil(rows / RUN) * columns,
    flops: (3 + Number(relu)) * rows * channels,
  });
  return y;
}

/** What the backward pass reads. y: the output where it was rectified. */
export interface BatchNormSaved extends BatchNormStatistics {
  x: F32;
  y: F32 | undefined;
  weight: F32;
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

/** What the backward pass reads of dy, x and y first. */
export function batchNormGradSums(
  dy: F32,
  { x, y, mean, invstd }: BatchNormSaved,
  { rows, channels }: BatchNormShape,
): BatchNormGradSums {
  const { gpu } = dy;
  const { vectors, columns } = lanesOf(channels);
  const { slice_rows, slices } = slicesOf(gpu, rows, columns);
  const span = room(channels);
  const partial = gpu.alloc(slices * 2 * span, 'f32', 'batchNormGrad');
  dispatch(gpu, vectors ? 'batch_norm_grad_sums<vec4f>' : 'batch_norm_grad_sums', {
    operation: 'batchNormGrad',
    arrays: {
      dy: [dy, rows * channels],
      x: [x, rows * channels],
      y: [y ?? x, rows * channels],
      mean: [mean, channels],
      invstd: [invstd, channels],
      sums: [partial, partial.length],
    },
    params: { rows, columns, slice_rows, slices, relu: Number(y !== undefined), span: vectors ? span / 4 : span },
    invocations: slices * columns,
    flops: (4 + Number(y !== undefined)) * rows * channels,
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
  { x, y, mean, invstd, weight }: BatchNormSaved,
  { sums, span }: BatchNormGradSums,
  { rows, channels, training }: BatchNormShape & { training: boolean },
): F32 {
  const { gpu } = dy;
  const { vectors, columns } = lanesOf(channels);
  const dx = gpu.alloc(rows * channels, 'f32', 'batchNormGrad');
  dispatch(gpu, vectors ? 'batch_norm_input_grad<vec4f>' : 'batch_norm_input_grad', {
    operation: 'batchNormGrad',
    arrays: {
      dy: [dy, rows * channels],
      x: [x, rows * channels],
      y: [y ?? x, rows * channels],
      mean: [mean, channels],
      invstd: [invstd, channels],
      weight: [weight, channels],
      sums: [sums, 2 * span],
      dx: [dx, rows * channels],
    },
    params: {
      rows,
      columns,
      run: RUN,
      relu: Number(y !== undefined),
      span: vectors ? span / 4 : span,
      scale: training ? 1 / rows : 0,
    },
    invocations: Math.ceil(rows / RUN) * columns,
    flops: (5 + Number(y !== undefined)) * rows * channels,
  });
  return dx;
}
