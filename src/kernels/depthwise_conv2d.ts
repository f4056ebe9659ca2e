import type { DeviceArray } from './device_array.ts';
import type { Gpu } from './gpu.ts';
import { enoughInvocations, flatGrid } from './grid.ts';
import { type GroupedConv2dShape, groupedParams, groupedSizes, sumSlices, weightGradSlices } from './grouped_conv2d.ts';

type F32 = DeviceArray<'f32'>;

// In all of these there are as many groups as input channels: each output channel sees one of them, and W is [kh, kw, 1, co].

/** Whether the vec4 rung can run. */
function fitsVectors(gpu: Gpu, { ci, co, kh, kw, strideH, strideW }: GroupedConv2dShape): boolean {
  const small = kh <= 5 && kw <= 5 && strideH <= 2 && strideW <= 2;
  return small && ci === co && ci % 4 === 0 && gpu.forcedRung !== 'naive';
}

/** The taps of a window that meet the image somewhere, in one dimension, and the padding before the first of them. */
interface Taps {
  first: number;
  count: number;
  pad: number;
}

/** A window wider than the image and its padding need is cut down to the taps that do not meet the padding only. */
function usedTaps(kernel: number, size: number, positions: number, stride: number, pad: number): Taps {
  const first = Math.min(kernel - 1, Math.max(0, pad - (positions - 1) * stride));
  const end = Math.max(first + 1, Math.min(kernel, size + pad));
  return { first, count: end - first, pad: pad - first };
}

/** What all vec4 kernels are told of the window. */
function windowOf(s: GroupedConv2dShape) {
  const vertical = usedTaps(s.kh, s.h, s.oh, s.strideH, s.padH);
  const horizontal = usedTaps(s.kw, s.w, s.ow, s.strideW, s.padW);
  return {
    vertical,
    horizontal,
    constants: { KH: vertical.count, KW: horizontal.count, STRIDE_H: s.strideH, STRIDE_W: s.strideW },
    params: {
      ...{ n: s.n, h: s.h, w: s.w, oh: s.oh, ow: s.ow, columns: s.ci / 4, kernel_h: s.kh, kernel_w: s.kw },
      ...{ pad_h: vertical.pad, pad_w: horizontal.pad, first_h: vertical.first, first_w: horizontal.first },
    },
  };
}

/** Outputs side by side that an invocation owns: the more, the fewer loads; wide windows leave registers for fewer. */
function tileFor(gpu: Gpu, { ow, strideW }: GroupedConv2dShape, taps: number): number {
  if (ow < 2) return 1;
  // A software driver has no registers to spare, but its loads are long code: a turn of the kernel's loop must fit the instruction cache.
  if (gpu.adapter.software && strideW > 1) return taps <= 3 ? 1 : 2;
  return ow > 2 && (taps <= 3 || gpu.adapter.software) ? 4 : 2;
}

/** How to cut rows and images into invocations: as long as the device has enough of them, each walks down whole images, several of them. */
function cut(gpu: Gpu, n: number, rows: number, across: number) {
  // The weights are read once for all images of an invocation, which outweighs more invocations where each load is dear.
  const enough = enoughInvocations(gpu) * (gpu.adapter.software ? 1 : 4);
  const run = Math.min(rows, Math.max(2, Math.ceil((rows * n * across) / enough)));
  const runs = Math.ceil(rows / run);
  const images = Math.min(n, Math.max(1, Math.floor((n * runs * across) / enough)));
  return { params: { run, runs, images }, invocations: Math.ceil(n / images) * runs * across };
}

/** The grid of kernels with this many invocations to a workgroup. */
function gridOf(invocations: number, workgroup: number): [number, number] {
  const groups = Math.ceil(invocations / workgroup);
  const rows = Math.ceil(groups / 65_535);
  return [Math.ceil(groups / rows), rows];
}

/** A convolution at any stride, or the input gradient of one at stride 1, which is a convolution with its taps turned. */
function rollDown(
  operation: string,
  input: F32,
  weight: F32,
  bias: F32 | undefined,
  s: GroupedConv2dShape,
  turned: boolean,
): F32 {
  const { gpu } = input;
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const y = gpu.alloc(outputs, 'f32', operation);
  const { constants, params, horizontal, vertical } = windowOf(s);
  const tile = tileFor(gpu, s, horizontal.count);
  const tiles = Math.ceil(s.ow / tile);
  const work = cut(gpu, s.n, s.oh, tiles * params.columns);
  // Turned, the taps that are left out lie at the other end of the array.
  const first = turned
    ? { first_h: s.kh - vertical.first - vertical.count, first_w: s.kw - horizontal.first - horizontal.count }
    : {};
  gpu.dispatch('depthwise_conv2d_vec4', {
    operation,
    arrays: {
      x: [input, inputs],
      weight: [weight, weights],
      // A binding cannot be empty; where there is no bias the kernel does not read this one.
      bias: bias ? [bias, s.co] : [weight, weights],
      y: [y, outputs],
    },
    constants: { ...constants, TILE: tile, TURNED: Number(turned) },
    params: { ...params, ...first, ...work.params, tiles, has_bias: Number(bias !== undefined) },
    workgroups: gridOf(work.invocations, 64),
    flops,
  });
  return y;
}

/** Y = X ∗ W + bias, each channel for itself. */
export function depthwiseConv2d(x: F32, weight: F32, bias: F32 | undefined, s: GroupedConv2dShape): F32 {
  const { gpu } = x;
  if (fitsVectors(gpu, s)) return rollDown('depthwiseConv2d', x, weight, bias, s, false);
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const y = gpu.alloc(outputs, 'f32', 'depthwiseConv2d');
  gpu.dispatch('depthwise_conv2d_naive', {
    operation: 'depthwiseConv2d',
    arrays: {
      x: [x, inputs],
      weight: [weight, weights],
      bias: bias ? [bias, s.co] : [weight, weights],
      y: [y, outputs],
    },
    params: { ...groupedParams(s), has_bias: Number(bias !== undefined) },
    workgroups: flatGrid(outputs),
    flops,
  });
  return y;
}

/** dX from dY and W. */
export function depthwiseConv2dInputGrad(dy: F32, weight: F32, s: GroupedConv2dShape): F32 {
  const { gpu } = dy;
  const operation = 'depthwiseConv2dInputGrad';
  const vectors = fitsVectors(gpu, s);
  if (vectors && s.strideH === 1 && s.strideW === 1 && s.padH < s.kh && s.padW < s.kw) {
    const back = { h: s.oh, w: s.ow, oh: s.h, ow: s.w, padH: s.kh - 1 - s.padH, padW: s.kw - 1 - s.padW };
    return rollDown(operation, dy, weight, undefined, { ...s, ...back }, true);
  }
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const dx = gpu.alloc(inputs, 'f32', operation);
  const arrays = { dy: [dy, outputs], weight: [weight, weights], dx: [dx, inputs] } as const;
  if (!vectors) {
    const call = { params: groupedParams(s), workgroups: flatGrid(inputs), flops };
    gpu.dispatch('depthwise_conv2d_input_grad_naive', { operation, arrays, ...call });
    return dx;
  }
  const { constants, params, horizontal, vertical } = windowOf(s);
  // Blocks from the first to the last that holds an element of dX.
  const blocks = (size: number, stride: number, pad: number) => {
    const first = Math.floor(pad / stride);
    return { first, count: Math.floor((size - 1 + pad) / stride) - first + 1 };
  };
  const down = blocks(s.h, s.strideH, vertical.pad);
  const across = blocks(s.w, s.strideW, horizontal.pad);
  const tile = Math.min(2, across.count);
  const tiles = Math.ceil(across.count / tile);
  const work = cut(gpu, s.n, down.count, tiles * params.columns);
  const place = { block_row: down.first, block_column: across.first, block_rows: down.count, tiles };
  gpu.dispatch('depthwise_conv2d_input_grad_vec4', {
    operation,
    arrays,
    constants: { ...constants, TILE: tile },
    params: { ...params, ...place, ...work.params },
    workgroups: gridOf(work.invocations, 64),
    flops,
  });
  return dx;
}

/** Rows of a strip that the vec4 rung of the weight gradient walks, on devices that want more strips than there are images. */
const STRIP_ROWS = 16;

/** dW from X and dY. */
export function depthwiseConv2dWeightGrad(x: F32, dy: F32, s: GroupedConv2dShape): F32 {
  const { gpu } = x;
  const operation = 'depthwiseConv2dWeightGrad';
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const arrays = (dw: F32) => ({ x: [x, inputs], dy: [dy, outputs], dw: [dw, dw.length] }) as const;
  if (!fitsVectors(gpu, s)) {
    const pixels = s.n * s.oh * s.ow;
    const slice_pixels = Math.ceil(pixels / weightGradSlices(gpu, weights, weights, pixels));
    const slices = Math.ceil(pixels / slice_pixels);
    const partial = gpu.alloc(slices * weights, 'f32', operation);
    gpu.dispatch('depthwise_conv2d_weight_grad_naive', {
      ...{ operation, arrays: arrays(partial), flops },
      params: { ...groupedParams(s), slices, slice_pixels },
      workgroups: flatGrid(slices * weights),
    });
    return sumSlices(partial, slices, weights);
  }
  const { constants, params, horizontal } = windowOf(s);
  const tile = tileFor(gpu, s, horizontal.count);
  const tiles = Math.ceil(s.ow / tile);
  const run = Math.min(s.oh, STRIP_ROWS);
  const runs = Math.ceil(s.oh / run);
  const strips = s.n * runs * tiles;
  const slice_strips = Math.ceil(strips / weightGradSlices(gpu, weights, params.columns, strips));
  const slices = Math.ceil(strips / slice_strips);
  const partial = gpu.alloc(slices * weights, 'f32', operation);
  gpu.dispatch('depthwise_conv2d_weight_grad_vec4', {
    ...{ operation, arrays: arrays(partial), flops },
    constants: { ...constants, TILE: tile },
    params: { ...params, tiles, run, runs, strips, slice_strips, slices },
    workgroups: gridOf(slices * params.columns, 32),
  });
  return sumSlices(partial, slices, weights);
}
