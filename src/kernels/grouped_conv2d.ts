import { chooseRung } from '../runtime/choose_rung.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import type { Conv2dShape } from './conv2d.ts';
import { dispatch } from './dispatch.ts';
import { sumSlices, weightGradSlices } from './weight_slices.ts';

type F32 = DeviceArray<'f32'>;

/** Sizes of a convolution whose channels are cut into groups: W is [kh, kw, ci / groups, co]. */
export interface GroupedConv2dShape extends Conv2dShape {
  groups: number;
}

/** Parameters that every kernel of a grouped convolution takes. */
function groupedParams(s: GroupedConv2dShape): Record<string, number> {
  const { n, h, w, ci, oh, ow, co, kh, kw, groups } = s;
  const pads = { pad_h: s.padH, pad_w: s.padW, dilation_h: s.dilationH, dilation_w: s.dilationW };
  const window = { stride_h: s.strideH, stride_w: s.strideW, ...pads };
  return { n, h, w, ci, oh, ow, co, kh, kw, groups, ...window };
}

/** Elements of X, Y and W, and floating-point operations of each of the three passes; what meets the padding counts as computed. */
export function groupedSizes(s: GroupedConv2dShape): {
  inputs: number;
  outputs: number;
  weights: number;
  flops: number;
} {
  const [inputs, outputs] = [s.n * s.h * s.w * s.ci, s.n * s.oh * s.ow * s.co];
  const taps = (s.kh * s.kw * s.ci) / s.groups;
  return { inputs, outputs, weights: taps * s.co, flops: 2 * outputs * taps };
}

/** The end of a shader's name by its rung, the channels that an invocation takes at once, and the parameters that it takes. There is no subgroup rung. */
function planFor(gpu: Gpu, s: GroupedConv2dShape): { end: string; lanes: number; params: Record<string, number> } {
  const { ci, co, groups } = s;
  // Depthwise with gaps between the taps: the faster rungs of depthwise_conv2d.ts do not know them.
  const gaps = ci === groups && co === ci && ci % 4 === 0 && (s.dilationH > 1 || s.dilationW > 1);
  const tiled = gaps || ((ci / groups) % 4 === 0 && (co / groups) % 4 === 0);
  const rung = chooseRung(gpu, 'grouped-conv2d', { tiled });
  if (rung === 'naive') return { end: 'naive', lanes: 1, params: groupedParams(s) };
  if (!gaps) return { end: 'vec4', lanes: 4, params: groupedParams(s) };
  return { end: 'naive<vec4f>', lanes: 4, params: groupedParams({ ...s, ci: ci / 4, co: co / 4, groups: groups / 4 }) };
}

/** Y = X ∗ W + bias, each group of channels for itself. */
export function groupedConv2d(x: F32, weight: F32, bias: F32 | undefined, s: GroupedConv2dShape): F32 {
  const { gpu } = x;
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const y = gpu.alloc(outputs, 'f32', 'groupedConv2d');
  const { end, lanes, params } = planFor(gpu, s);
  dispatch(gpu, `grouped_conv2d_${end}`, {
    operation: 'groupedConv2d',
    arrays: {
      x: [x, inputs],
      weight: [weight, weights],
      // A binding cannot be empty; where there is no bias the kernel does not read this one.
      bias: bias ? [bias, s.co] : [weight, weights],
      y: [y, outputs],
    },
    params: { ...params, has_bias: bias ? 1 : 0 },
    invocations: outputs / lanes,
    flops,
  });
  return y;
}

/** dX from dY and W. */
export function groupedConv2dInputGrad(dy: F32, weight: F32, s: GroupedConv2dShape): F32 {
  const { gpu } = dy;
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const dx = gpu.alloc(inputs, 'f32', 'groupedConv2dInputGrad');
  const { end, lanes, params } = planFor(gpu, s);
  dispatch(gpu, `grouped_conv2d_input_grad_${end}`, {
    operation: 'groupedConv2dInputGrad',
    arrays: { dy: [dy, outputs], weight: [weight, weights], dx: [dx, inputs] },
    params,
    invocations: inputs / lanes,
    flops,
  });
  return dx;
}

/** dW from X and dY. */
export function groupedConv2dWeightGrad(x: F32, dy: F32, s: GroupedConv2dShape): F32 {
  const { gpu } = x;
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const { end, lanes, params } = planFor(gpu, s);
  // A block of four input × four output channels, or four channels each for itself.
  const invocations = weights / (end === 'vec4' ? lanes ** 2 : lanes);
  const pixels = s.n * s.oh * s.ow;
  const slice_pixels = Math.ceil(pixels / weightGradSlices(gpu, weights, invocations, pixels));
  const slices = Math.ceil(pixels / slice_pixels);
  const partial = gpu.alloc(slices * weights, 'f32', 'groupedConv2dWeightGrad');
  dispatch(gpu, `grouped_conv2d_weight_grad_${end}`, {
    operation: 'groupedConv2dWeightGrad',
    arrays: { x: [x, inputs], dy: [dy, outputs], dw: [partial, slices * weights] },
    params: { ...params, slices, slice_pixels },
    invocations: slices * invocations,
    flops,
  });
  return sumSlices(partial, slices, weights);
}
