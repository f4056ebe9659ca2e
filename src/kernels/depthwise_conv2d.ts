import type { DeviceArray, Dispatch } from '../runtime/gpu.ts';
import type { Rung } from '../runtime/rungs.ts';
import { cut, depthwiseRung, imagesFor, lanesFor, tileFor, windowOf } from './depthwise_window.ts';
import { dispatch } from './dispatch.ts';
import {
  type GroupedConv2dShape,
  groupedConv2d,
  groupedConv2dInputGrad,
  groupedConv2dWeightGrad,
  groupedSizes,
} from './grouped_conv2d.ts';
import { sumSlices, weightGradSlices } from './weight_slices.ts';

type F32 = DeviceArray<'f32'>;

// In all of these there are as many groups as input channels: each output channel sees one of them, and W is [kh, kw, 1, co].

/** Bindings of a forward kernel. A binding cannot be empty; where there is no bias the kernel does not read the one that stands for it. */
function forwardArrays(x: F32, weight: F32, bias: F32 | undefined, y: F32, s: GroupedConv2dShape): Dispatch['arrays'] {
  const { inputs, outputs, weights } = groupedSizes(s);
  return {
    x: [x, inputs],
    weight: [weight, weights],
    bias: bias ? [bias, s.co] : [weight, weights],
    y: [y, outputs],
  };
}

/** A convolution at any stride, or the input gradient of one at stride 1, which is a convolution with its taps turned. */
function rollDown(
  operation: string,
  input: F32,
  weight: F32,
  bias: F32 | undefined,
  s: GroupedConv2dShape,
  { rung, turned }: { rung: Rung; turned: boolean },
): F32 {
  const { gpu } = input;
  const { outputs, flops } = groupedSizes(s);
  const y = gpu.alloc(outputs, 'f32', operation);
  const window = windowOf(s);
  const { horizontal, vertical } = window;
  const arrays = forwardArrays(input, weight, bias, y, s);
  const constants = { ...window.constants, TURNED: Number(turned) };
  // Turned, the taps that are left out lie at the other end of the array.
  const first = turned
    ? { first_h: s.kh - vertical.first - vertical.count, first_w: s.kw - horizontal.first - horizontal.count }
    : {};
  const params = { ...window.params, ...first, has_bias: Number(bias !== undefined) };
  const lanes = rung === 'subgroup' && lanesFor(gpu, s, window);
  if (lanes) {
    const { span } = lanes;
    const images = imagesFor(gpu, s.n, params.columns * span);
    const behind = Math.floor((vertical.count - 1 - vertical.pad) / s.strideH);
    const FLUSH = Math.max(0, s.oh - Math.ceil(s.h / s.strideH) + behind);
    dispatch(gpu, 'depthwise_conv2d_subgroup', {
      ...{ operation, arrays, flops },
      constants: { ...constants, ...lanes.constants, FLUSH },
      params: { ...params, images, span },
      invocations: Math.ceil(s.n / images) * params.columns * span,
    });
    return y;
  }
  const tile = tileFor(gpu, s, horizontal.count);
  const tiles = Math.ceil(s.ow / tile);
  const work = cut(gpu, s.n, s.oh, tiles * params.columns);
  dispatch(gpu, 'depthwise_conv2d_vec4', {
    ...{ operation, arrays, flops },
    constants: { ...constants, TILE: tile },
    params: { ...params, ...work.params, tiles },
    invocations: work.invocations,
  });
  return y;
}

/** Y = X ∗ W + bias, each channel for itself. The naive rung is the grouped convolution's, as in the gradients below. */
export function depthwiseConv2d(x: F32, weight: F32, bias: F32 | undefined, s: GroupedConv2dShape): F32 {
  const rung = depthwiseRung(x.gpu, s);
  if (rung === 'naive') return groupedConv2d(x, weight, bias, s);
  return rollDown('depthwiseConv2d', x, weight, bias, s, { rung, turned: false });
}

/** dX from dY and W. */
export function depthwiseConv2dInputGrad(dy: F32, weight: F32, s: GroupedConv2dShape): F32 {
  const { gpu } = dy;
  const operation = 'depthwiseConv2dInputGrad';
  const rung = depthwiseRung(gpu, s);
  if (rung === 'naive') return groupedConv2dInputGrad(dy, weight, s);
  if (s.strideH === 1 && s.strideW === 1 && s.padH < s.kh && s.padW < s.kw) {
    const back = { h: s.oh, w: s.ow, oh: s.h, ow: s.w, padH: s.kh - 1 - s.padH, padW: s.kw - 1 - s.padW };
    const mirrored = { ...s, ...back };
    return rollDown(operation, dy, weight, undefined, mirrored, { rung: depthwiseRung(gpu, mirrored), turned: true });
  }
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const dx = gpu.alloc(inputs, 'f32', operation);
  const arrays = { dy: [dy, outputs], weight: [weight, weights], dx: [dx, inputs] } as const;
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
  dispatch(gpu, 'depthwise_conv2d_input_grad_vec4', {
    operation,
    arrays,
    constants: { ...constants, TILE: tile },
    params: { ...params, ...place, ...work.params },
    invocations: work.invocations,
    flops,
  });
  return dx;
}

/** Rows of a strip that the vec4 rung of the weight gradient walks, on devices that want more strips than there are images. */
const STRIP_ROWS = 16;

/** dW from X and dY. */
export function depthwiseConv2dWeightGrad(x: F32, dy: F32, s: GroupedConv2dShape): F32 {
  const { gpu } = x;
  const rung = depthwiseRung(gpu, s);
  if (rung === 'naive') return groupedConv2dWeightGrad(x, dy, s);
  const operation = 'depthwiseConv2dWeightGrad';
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const arrays = (dw: F32) => ({ x: [x, inputs], dy: [dy, outputs], dw: [dw, dw.length] }) as const;
  const window = windowOf(s);
  const { constants, params, horizontal } = window;
  const lanes = rung === 'subgroup' && lanesFor(gpu, s, window);
  if (lanes) {
    const { span } = lanes;
    // A quarter of the invocations that are enough elsewhere: the fewer the slices, the less is to be added up.
    const images = Math.ceil(s.n / weightGradSlices(gpu, weights, 4 * params.columns * span, s.n));
    const slices = Math.ceil(s.n / images);
    const partial = gpu.alloc(slices * weights, 'f32', operation);
    dispatch(gpu, 'depthwise_conv2d_weight_grad_subgroup', {
      ...{ operation, arrays: arrays(partial), flops },
      constants: { ...constants, ...lanes.constants },
      params: { ...params, images, slices, span },
      invocations: slices * params.columns * span,
    });
    return sumSlices(partial, slices, weights);
  }
  const tile = tileFor(gpu, s, horizontal.count);
  const tiles = Math.ceil(s.ow / tile);
  const run = Math.min(s.oh, STRIP_ROWS);
  const runs = Math.ceil(s.oh / run);
  const strips = s.n * runs * tiles;
  const slice_strips = Math.ceil(strips / weightGradSlices(gpu, weights, params.columns, strips));
  const slices = Math.ceil(strips / slice_strips);
  const partial = gpu.alloc(slices * weights, 'f32', operation);
  dispatch(gpu, 'depthwise_conv2d_weight_grad_vec4', {
    ...{ operation, arrays: arrays(partial), flops },
    constants: { ...constants, TILE: tile },
    params: { ...params, tiles, run, runs, strips, slice_strips, slices },
    invocations: slices * params.columns,
  });
  return sumSlices(partial, slices, weights);
}
