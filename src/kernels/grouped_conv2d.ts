import { chooseRung } from '../runtime/choose_rung.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import type { Conv2dShape } from './conv2d.ts';
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

/** The end of a shader's name by its rung, and the channels that an invocation takes at once. There is no subgroup rung. */
function rungFor(gpu: Gpu, { ci, co, groups }: GroupedConv2dShape): { rung: 'naive' | 'vec4'; lanes: number } {
  const tiled = (ci / groups) % 4 === 0 && (co / groups) % 4 === 0;
  const rung = chooseRung(gpu, 'grouped-conv2d', { tiled, subgroup: false });
  return rung === 'naive' ? { rung, lanes: 1 } : { rung: 'vec4', lanes: 4 };
}

/** Y = X ∗ W + bias, each group of channels for itself. */
export function groupedConv2d(x: F32, weight: F32, bias: F32 | undefined, s: GroupedConv2dShape): F32 {
  const { gpu } = x;
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const y = gpu.alloc(outputs, 'f32', 'groupedConv2d');
  const { rung, lanes } = rungFor(gpu, s);
  gpu.dispatch(`grouped_conv2d_${rung}`, {
    operation: 'groupedConv2d',
    arrays: {
      x: [x, inputs],
      weight: [weight, weights],
      // A binding cannot be empty; where there is no bias the kernel does not read this one.
      bias: bias ? [bias, s.co] : [weight, weights],
      y: [y, outputs],
    },
    params: { ...groupedParams(s), has_bias: bias ? 1 : 0 },
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
  const { rung, lanes } = rungFor(gpu, s);
  gpu.dispatch(`grouped_conv2d_input_grad_${rung}`, {
    operation: 'groupedConv2dInputGrad',
    arrays: { dy: [dy, outputs], weight: [weight, weights], dx: [dx, inputs] },
    params: groupedParams(s),
    invocations: inputs / lanes,
    flops,
  });
  return dx;
}

/** dW from X and dY. */
export function groupedConv2dWeightGrad(x: F32, dy: F32, s: GroupedConv2dShape): F32 {
  const { gpu } = x;
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const { rung, lanes } = rungFor(gpu, s);
  const invocations = weights / lanes ** 2;
  const pixels = s.n * s.oh * s.ow;
  const slice_pixels = Math.ceil(pixels / weightGradSlices(gpu, weights, invocations, pixels));
  const slices = Math.ceil(pixels / slice_pixels);
  const partial = gpu.alloc(slices * weights, 'f32', 'groupedConv2dWeightGrad');
  gpu.dispatch(`grouped_conv2d_weight_grad_${rung}`, {
    operation: 'groupedConv2dWeightGrad',
    arrays: { x: [x, inputs], dy: [dy, outputs], dw: [partial, slices * weights] },
    params: { ...groupedParams(s), slices, slice_pixels },
    invocations: slices * invocations,
    flops,
  });
  return sumSlices(partial, slices, weights);
}
