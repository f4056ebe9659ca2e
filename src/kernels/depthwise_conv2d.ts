import type { DeviceArray } from './device_array.ts';
import { flatGrid } from './grid.ts';
import { type GroupedConv2dShape, groupedParams, groupedSizes, sumSlices, weightGradSlices } from './grouped_conv2d.ts';

type F32 = DeviceArray<'f32'>;

// In all of these there are as many groups as input channels: each output channel sees one of them, and W is [kh, kw, 1, co].

/** Y = X ∗ W + bias, each channel for itself. */
export function depthwiseConv2d(x: F32, weight: F32, bias: F32 | undefined, s: GroupedConv2dShape): F32 {
  const { gpu } = x;
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const y = gpu.alloc(outputs, 'f32', 'depthwiseConv2d');
  gpu.dispatch('depthwise_conv2d_naive', {
    operation: 'depthwiseConv2d',
    arrays: {
      x: [x, inputs],
      weight: [weight, weights],
      // A binding cannot be empty; where there is no bias the kernel does not read this one.
      bias: bias ? [bias, s.co] : [weight, weights],
      y: [y, outputs],
    },
    params: { ...groupedParams(s), has_bias: bias ? 1 : 0 },
    workgroups: flatGrid(outputs),
    flops,
  });
  return y;
}

/** dX from dY and W. */
export function depthwiseConv2dInputGrad(dy: F32, weight: F32, s: GroupedConv2dShape): F32 {
  const { gpu } = dy;
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const dx = gpu.alloc(inputs, 'f32', 'depthwiseConv2dInputGrad');
  gpu.dispatch('depthwise_conv2d_input_grad_naive', {
    operation: 'depthwiseConv2dInputGrad',
    arrays: { dy: [dy, outputs], weight: [weight, weights], dx: [dx, inputs] },
    params: groupedParams(s),
    workgroups: flatGrid(inputs),
    flops,
  });
  return dx;
}

/** dW from X and dY. */
export function depthwiseConv2dWeightGrad(x: F32, dy: F32, s: GroupedConv2dShape): F32 {
  const { gpu } = x;
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const pixels = s.n * s.oh * s.ow;
  const slice_pixels = Math.ceil(pixels / weightGradSlices(gpu, weights, weights, pixels));
  const slices = Math.ceil(pixels / slice_pixels);
  const partial = gpu.alloc(slices * weights, 'f32', 'depthwiseConv2dWeightGrad');
  gpu.dispatch('depthwise_conv2d_weight_grad_naive', {
    operation: 'depthwiseConv2dWeightGrad',
    arrays: { x: [x, inputs], dy: [dy, outputs], dw: [partial, slices * weights] },
    params: { ...groupedParams(s), slices, slice_pixels },
    workgroups: flatGrid(slices * weights),
    flops,
  });
  return sumSlices(partial, slices, weights);
}
