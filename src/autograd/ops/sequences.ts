// One-dimensional windows: sequences [N, L, C] are images of one row, [N, 1, L, C], a view of the same memory; so do messages of errors show them.
import { ShapeError } from '../../runtime/errors.ts';
import type { Tensor } from '../tensor.ts';
import { poolByMean } from './avg_pool.ts';
import { convolve } from './conv2d.ts';
import { poolByMax } from './max_pool.ts';
import { reshape } from './shape.ts';

/** How the window of `conv1d` moves. */
export interface Conv1dOptions {
  /** Step of the window. Default 1. */
  stride?: number;
  /** Zeros at each end; 'same', for stride 1: as many as keep the length, the odd one behind; 'valid': none. Default 0. */
  padding?: number | 'same' | 'valid';
  /** Places from one tap of the window to the next. Default 1. */
  dilation?: number;
  /** Groups that the channels are cut into, each convolved for itself. Default 1. */
  groups?: number;
}

/** The window of a pooling of sequences. */
export interface Pool1dOptions {
  /** Size of the window. */
  kernelSize: number;
  /** Step of the window. Default: its size. */
  stride?: number;
  /** Places of border at each end, at most half a window; 'same': as many as make ⌈L / stride⌉ windows, the odd one behind; 'valid': none. Default 0. */
  padding?: number | 'same' | 'valid';
  /** Whether the last window may overhang, so that nothing is left out. Default false. */
  ceilMode?: boolean;
}

/** The window of `maxPool1d`. */
export interface MaxPool1dOptions extends Pool1dOptions {
  /** Places from one element of the window to the next. Default 1. */
  dilation?: number;
}

/** The window of `avgPool1d`. */
export interface AvgPool1dOptions extends Pool1dOptions {
  /** Whether the zeros of the padding count as elements of their windows. Default true. */
  countIncludePad?: boolean;
}

/** A sequence as an image of one row. */
function asRow(operation: string, x: Tensor): Tensor {
  if (x.shape.length !== 3) {
    throw new ShapeError(`${operation}: the input must be [N, L, C]; its shape is [${x.shape}].`);
  }
  const [n, length, channels] = x.shape;
  return reshape(x, [n, 1, length, channels]);
}

/** The way back. */
function asSequence(y: Tensor): Tensor {
  const [n, , length, channels] = y.shape;
  return reshape(y, [n, length, channels]);
}

/** A pooling's window over images of one row. */
function rowWindow({ kernelSize, stride = kernelSize, padding = 0, ceilMode = false }: Pool1dOptions) {
  return {
    kernelSize: [1, kernelSize],
    stride: [1, stride],
    padding: typeof padding === 'number' ? ([0, padding] as const) : padding,
    ceilMode,
  } as const;
}

/**
 * 1-D convolution. x [N, L, CI], weight [K, CI / groups, CO], bias [CO] or none: [N, OL, CO], OL = ⌊(L + 2·pad − dilation·(K − 1) − 1) / stride⌋ + 1.
 * PyTorch's conv1d, channels last. Throws ShapeError where the shapes do not fit. See `conv2d`.
 */
export function conv1d(x: Tensor, weight: Tensor, bias?: Tensor, options: Conv1dOptions = {}): Tensor {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  if (weight.shape.length !== 3) {
    throw new ShapeError(`conv1d: the weight must be [K, CI / groups, CO]; its shape is [${weight.shape}].`);
  }
  const y = convolve('conv1d', asRow('conv1d', x), reshape(weight, [1, ...weight.shape]), bias, {
    stride: [1, stride],
    padding: typeof padding === 'number' ? [0, padding] : padding,
    dilation: [1, dilation],
    groups,
  });
  return asSequence(y);
}

/** Max pooling of sequences: x [N, L, C] → [N, OL, C]. PyTorch's max_pool1d, channels last. Throws as `maxPool2d`, which see. */
export function maxPool1d(x: Tensor, { dilation = 1, ...options }: MaxPool1dOptions): Tensor {
  const window = { ...rowWindow(options), dilation: [1, dilation] } as const;
  return asSequence(poolByMax('maxPool1d', asRow('maxPool1d', x), window));
}

/** Average pooling of sequences: x [N, L, C] → [N, OL, C]. PyTorch's avg_pool1d, channels last. Throws as `avgPool2d`, which see. */
export function avgPool1d(x: Tensor, { countIncludePad = true, ...options }: AvgPool1dOptions): Tensor {
  const window = { ...rowWindow(options), countIncludePad };
  return asSequence(poolByMean('avgPool1d', asRow('avgPool1d', x), window));
}
