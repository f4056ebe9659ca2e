import { ShapeError } from '../../runtime/errors.ts';
import { type Shape, sizeOf } from '../tensor.ts';

/** One number for both dimensions, or [vertical, horizontal]. */
export type Size2d = number | readonly [number, number];

/** A number of pixels in each dimension: [vertical, horizontal]. */
type Both = readonly [number, number];

/** Both dimensions of a Size2d. Throws ShapeError unless they are integers of at least `least`. */
export function pair(operation: string, argument: string, size: Size2d, least: number): Both {
  const both = typeof size === 'number' ? ([size, size] as const) : size;
  if (both.length !== 2 || !both.every((value) => Number.isInteger(value) && value >= least)) {
    throw new ShapeError(
      `${operation}: ${argument} must be an integer of at least ${least}, or two of them; it is ${JSON.stringify(size)}.`,
    );
  }
  return both;
}

/** Throws ShapeError for images [N, H, W, C] that have no pixels or no channels. There may be no images, as in PyTorch. */
export function checkNotEmpty(operation: string, images: Shape): void {
  if (sizeOf(images.slice(1)) > 0) return;
  throw new ShapeError(
    `${operation}: images need a height, a width and channels of at least 1; the shape is [${images}].`,
  );
}

/** A window that steps over an image, in pixels. */
export interface Window {
  readonly kernelSize: Both;
  readonly stride: Both;
  /** From one tap of the window to the next. */
  readonly dilation: Both;
  /**
   * On each side of the image; 'same': as much in all as makes ⌈size / stride⌉ positions, and where that is odd, the odd pixel behind.
   */
  readonly padding: Both | 'same';
  /** Whether a last window may overhang. */
  readonly ceilMode: boolean;
}

/** What a window is made of, in each form that a user may write. */
export interface WindowOptions {
  kernelSize: Size2d;
  stride?: Size2d;
  dilation?: Size2d;
  padding?: Size2d | 'same' | 'valid';
  ceilMode?: boolean;
}

/** A window by its options, PyTorch's defaults but for the stride of 1. Throws ShapeError, naming the operation, for sizes that are none. */
export function windowOf(
  operation: string,
  { kernelSize, stride = 1, dilation = 1, padding = 0, ceilMode = false }: WindowOptions,
): Window {
  return {
    kernelSize: pair(operation, 'kernelSize', kernelSize, 1),
    stride: pair(operation, 'stride', stride, 1),
    dilation: pair(operation, 'dilation', dilation, 1),
    padding: padding === 'same' ? padding : pair(operation, 'padding', padding === 'valid' ? 0 : padding, 0),
    ceilMode,
  };
}

/** Pixels from the first to the last tap of a window, both counted. */
export function windowSpan({ kernelSize, dilation }: Window): Both {
  return [dilation[0] * (kernelSize[0] - 1) + 1, dilation[1] * (kernelSize[1] - 1) + 1];
}

/** Pixels of padding in each dimension of an image of a size: before it, and before and behind it together. */
export function paddingOf(window: Window, size: Both): { before: Both; total: Both } {
  const { padding, stride } = window;
  if (padding !== 'same') return { before: padding, total: [2 * padding[0], 2 * padding[1]] };
  const span = windowSpan(window);
  const along = (d: 0 | 1) => Math.max(0, (Math.ceil(size[d] / stride[d]) - 1) * stride[d] + span[d] - size[d]);
  const total = [along(0), along(1)] as const;
  return { before: [total[0] >> 1, total[1] >> 1], total };
}

/**
 * How often a window fits each way: ⌊(size + padding − span) / stride⌋ + 1, or ⌈…⌉ in ceil mode, where a window that would begin behind the image and
 * the padding before it is left out. Less than 1 where it does not fit. PyTorch's rule.
 */
export function windowPositions(window: Window, size: Both): [number, number] {
  const { stride, ceilMode } = window;
  const [spans, { before, total }] = [windowSpan(window), paddingOf(window, size)];
  const along = (d: 0 | 1) => {
    const room = size[d] + total[d] - spans[d];
    if (!ceilMode || room < 0) return Math.floor(room / stride[d]) + 1;
    const positions = Math.ceil(room / stride[d]) + 1;
    return (positions - 1) * stride[d] >= size[d] + before[d] ? positions - 1 : positions;
  };
  return [along(0), along(1)];
}

/** A window in words: '3×3, stride 2, padding 1', without what is the default. */
export function describeWindow(window: Window, defaultStride: Both): string {
  const { kernelSize, stride, dilation, padding, ceilMode } = window;
  const short = ([a, b]: Both) => (a === b ? `${a}` : `${a}×${b}`);
  const parts = [kernelSize.join('×')];
  if (`${stride}` !== `${defaultStride}`) parts.push(`stride ${short(stride)}`);
  if (padding === 'same') parts.push('padding same');
  else if (padding.some((size) => size > 0)) parts.push(`padding ${short(padding)}`);
  if (dilation.some((step) => step > 1)) parts.push(`dilation ${short(dilation)}`);
  if (ceilMode) parts.push('ceil mode');
  return parts.join(', ');
}
