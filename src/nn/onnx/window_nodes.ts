import type { GroupedConv2dShape } from '../../kernels/grouped_conv2d.ts';
import type { PoolShape } from '../../kernels/max_pool.ts';
import type { TracedOperation } from '../trace_forward.ts';
import type { Attribute } from './onnx_graph.ts';
import { refusal, type Translation } from './translation.ts';

/** How a window moves, in ONNX's words. */
function windowAttributes(shape: PoolShape | GroupedConv2dShape): Record<string, Attribute> {
  const { kh, kw, strideH, strideW, padH, padW, dilationH, dilationW } = shape;
  const [behindH, behindW] = paddingBehind(shape);
  return {
    kernel_shape: { ints: [kh, kw] },
    strides: { ints: [strideH, strideW] },
    // Before both dimensions, then behind them.
    pads: { ints: [padH, padW, behindH, behindW] },
    ...((dilationH > 1 || dilationW > 1) && { dilations: { ints: [dilationH, dilationW] } }),
  };
}

/** Pixels behind each dimension that the last window reaches: more than before it where a padding is odd in all, or a window overhangs. */
function paddingBehind(shape: PoolShape | GroupedConv2dShape): [number, number] {
  const { h, w, kh, kw, strideH, strideW, padH, padW, dilationH, dilationW, oh, ow } = shape;
  const reach = (count: number, stride: number, dilation: number, taps: number) =>
    (count - 1) * stride + dilation * (taps - 1) + 1;
  return [
    Math.max(padH, reach(oh, strideH, dilationH, kh) - padH - h),
    Math.max(padW, reach(ow, strideW, dilationW, kw) - padW - w),
  ];
}

/** Conv, its weight as [CO, CI / groups, KH, KW]. */
export function conv2d(traced: TracedOperation, translation: Translation): string {
  const [x, weight, bias] = traced.inputs;
  if (!translation.isConstant(weight)) throw refusal(traced, 'its weight is not a parameter');
  const shape = traced.settings as GroupedConv2dShape;
  const inputs = [translation.value(x), translation.constant(weight, [3, 2, 0, 1])];
  if (bias) inputs.push(translation.value(bias));
  return translation.graph.node('Conv', inputs, {
    ...windowAttributes(shape),
    group: { i: shape.groups },
  });
}

/** MaxPool. */
export function maxPool2d({ inputs, settings }: TracedOperation, translation: Translation): string {
  return translation.graph.node('MaxPool', [translation.value(inputs[0])], windowAttributes(settings as PoolShape));
}

/** AveragePool. */
export function avgPool2d(traced: TracedOperation, translation: Translation): string {
  const { inputs, settings } = traced;
  const shape = settings as PoolShape & { countPadding: boolean };
  const [behindH, behindW] = paddingBehind(shape);
  const { h, w, padH, padW, paddedH, paddedW } = shape;
  // ONNX would count what lies beyond the padding too.
  if (shape.countPadding && (padH + h + behindH > paddedH || padW + w + behindW > paddedW)) {
    throw refusal(traced, 'its last windows overhang the padding that it counts');
  }
  return translation.graph.node('AveragePool', [translation.value(inputs[0])], {
    ...windowAttributes(shape),
    count_include_pad: { i: shape.countPadding ? 1 : 0 },
  });
}

/** [OH, H]: the share of each row in the mean of each window. */
function windowShares(size: number, windows: number): Float32Array {
  const shares = new Float32Array(windows * size);
  for (let window = 0; window < windows; window++) {
    const first = Math.floor((window * size) / windows);
    const end = Math.ceil(((window + 1) * size) / windows);
    shares.fill(1 / (end - first), window * size + first, window * size + end);
  }
  return shares;
}

/** ONNX has no windows of unequal size: rows and columns are averaged by a product with a matrix each. */
export function adaptiveAvgPool2d({ inputs: [x], output }: TracedOperation, translation: Translation): string {
  const { graph } = translation;
  const [, h, w] = x.shape;
  const [, oh, ow] = output.shape;
  if (oh === 1 && ow === 1) return graph.node('GlobalAveragePool', [translation.value(x)]);
  const rows = graph.floats(`averages of ${h} in ${oh}`, 'rows', () => ({ shape: [oh, h], data: windowShares(h, oh) }));
  const columns = graph.floats(`averages of ${w} in ${ow}`, 'columns', () => {
    const shares = windowShares(w, ow);
    // Turned: [W, OW].
    return { shape: [w, ow], data: shares.map((_, i) => shares[(i % ow) * w + Math.floor(i / ow)]) };
  });
  return graph.node('MatMul', [graph.node('MatMul', [rows, translation.value(x)]), columns]);
}

/** GlobalAveragePool or GlobalMaxPool, and its single pixels taken away: [N, C]. */
function globalPool(opType: string, { inputs: [x] }: TracedOperation, translation: Translation): string {
  const { graph } = translation;
  return graph.node('Flatten', [graph.node(opType, [translation.value(x)])], { axis: { i: 1 } });
}

/** Means of the channels, [N, C]. */
export function globalAvgPool2d(traced: TracedOperation, translation: Translation): string {
  return globalPool('GlobalAveragePool', traced, translation);
}

/** Largest values of the channels, [N, C]. */
export function globalMaxPool2d(traced: TracedOperation, translation: Translation): string {
  return globalPool('GlobalMaxPool', traced, translation);
}

/** Largest value and mean of each pixel's channels, as two channels. */
export function channelPool2d({ inputs: [x] }: TracedOperation, translation: Translation): string {
  const { graph } = translation;
  const value = translation.value(x);
  const overChannels = { axes: { ints: [1] }, keepdims: { i: 1 } };
  return graph.node(
    'Concat',
    [graph.node('ReduceMax', [value], overChannels), graph.node('ReduceMean', [value], overChannels)],
    {
      axis: { i: 1 },
    },
  );
}
