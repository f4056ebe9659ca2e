import type { Shape } from '../autograd/tensor.ts';
import type { GroupedConv2dShape } from '../kernels/grouped_conv2d.ts';
import type { HostTensor } from '../nn/weights/host_tensor.ts';
import type { RecordedStep, StepValues } from './record_step.ts';
import type { NodeRecord, StepRecord } from './step_record.ts';

type Numbers = HostTensor<Float32Array>;

/** Channels of an activation that are shown. */
const SHOWN_CHANNELS = 8;
/** Rows of a linear layer's weight whose update is shown. */
const SHOWN_ROWS = 16;
/** Elements of a plane [N, H, W] beyond which the sum behind a weight's gradient is not shown: a page would grow too large. */
const LARGEST_PLANE = 2 ** 15;

/** A weight whose sums can be shown: its place in the parameter, and its numbers. */
export interface ShownWeight {
  index: number[];
  before: number;
  after: number;
  gradient: number;
  /** What the optimizer keeps for it, by PyTorch's name. Before is left out in the first step. */
  kept: Record<string, { before?: number; after: number }>;
}

/** A parameter with some of its weights. */
export interface ShownParameter {
  name: string;
  /** The operation that reads it. */
  node: number;
  /** Which of the operation's inputs it is. */
  input: number;
  /** Steps that the optimizer had done on it. */
  stepsDone: number;
  weights: ShownWeight[];
}

/**
 * The part of a recorded step that a page can hold: for one image of the batch all activations; for some channels the weights that made them; for
 * some weights all that their gradients are sums of. `tensors` are by these names: `image` and `imageGradient` [H, W, C]; `activation:I` of
 * operation I; `gradient:I` of its `channels`; `parameter:NAME` of [channels] or of the `channels` of the operation alone; `mean:I` and `invstd:I` of a
 * batch norm, `factor:I` of squeeze and excitation; `input:I:C` and `outputGradient:I:C`, channel C of the whole batch.
 */
export interface ShownStep {
  record: StepRecord;
  /** Place of the image in the batch. */
  image: number;
  tensors: Map<string, Numbers>;
  /** By operation: the channels that are shown, last dimension of its output. */
  channels: number[][];
  parameters: ShownParameter[];
}

/** `most` places from 0 to count − 1, evenly spread. */
function spread(count: number, most: number): number[] {
  const shown = Math.min(count, most);
  return Array.from({ length: shown }, (_, i) => Math.floor((i * count) / shown));
}

const sizeOf = (shape: Shape) => shape.reduce((product, size) => product * size, 1);

/** One element of a batch. */
function ofImage(values: Float32Array, shape: Shape, image: number): Numbers {
  const inner = shape.slice(1);
  const size = sizeOf(inner);
  return { shape: inner, data: values.slice(image * size, (image + 1) * size) };
}

/** Some columns of the last dimension. */
function columnsOf({ shape, data }: Numbers, columns: readonly number[]): Numbers {
  const width = shape[shape.length - 1];
  const rows = data.length / width;
  const picked = new Float32Array(rows * columns.length);
  for (let row = 0; row < rows; row++) {
    for (const [i, column] of columns.entries()) picked[row * columns.length + i] = data[row * width + column];
  }
  return { shape: [...shape.slice(0, -1), columns.length], data: picked };
}

/** Picks what a page shows of a step. image: its place in the batch. */
export function shownStep({ record, values }: RecordedStep, image: number): ShownStep {
  const tensors = new Map<string, Numbers>();
  const { images } = values;
  const [batch] = images.shape;
  tensors.set('image', ofImage(images.data, images.shape, image));
  if (values.imageGradient) tensors.set('imageGradient', ofImage(values.imageGradient, images.shape, image));
  const channels = record.nodes.map(({ shape }, i) => {
    if (shape[0] !== batch || shape.length < 2) return [];
    const picked = spread(shape[shape.length - 1], SHOWN_CHANNELS);
    tensors.set(`activation:${i}`, ofImage(values.activations[i], shape, image));
    const gradient = values.gradients[i];
    if (gradient) tensors.set(`gradient:${i}`, columnsOf(ofImage(gradient, shape, image), picked));
    return picked;
  });
  const parameters = record.nodes.flatMap((node, i) =>
    node.inputs.flatMap((source, input) =>
      'parameter' in source
        ? showParameter({ record, image, values, tensors, channels }, node, i, input, source.parameter)
        : [],
    ),
  );
  return { record, image, tensors, channels, parameters };
}

interface Showing {
  record: StepRecord;
  image: number;
  values: StepValues;
  tensors: Map<string, Numbers>;
  channels: number[][];
}

function showParameter(
  showing: Showing,
  node: NodeRecord,
  index: number,
  input: number,
  name: string,
): ShownParameter[] {
  const { values, tensors, channels } = showing;
  const before = values.before.get(name);
  if (before === undefined || channels[index].length === 0) return [];
  const vector = before.shape.length === 1;
  tensors.set(`parameter:${name}`, vector ? before : columnsOf(before, channels[index]));
  if (node.operation === 'batchNorm2d') {
    const [mean, invstd] = values.saved.get(index) ?? [];
    for (const [key, data] of Object.entries({ mean, invstd })) {
      if (data instanceof Float32Array) tensors.set(`${key}:${index}`, { shape: [data.length], data });
    }
  }
  if (node.operation === 'squeezeExcitation') {
    const factor = values.saved.get(index)?.at(-1);
    const [images, , , count] = node.shape;
    if (factor instanceof Float32Array) {
      tensors.set(`factor:${index}`, ofImage(factor, [images, count], showing.image));
    }
  }
  const picked = pickWeights(node, before, channels[index], input);
  showPlanes(showing, node, index, picked);
  const gradient = values.parameterGradients.get(name);
  const after = values.after.get(name);
  if (gradient === undefined || after === undefined) return [];
  const state = (from: Map<string, Map<string, Float32Array>>) => [...(from.get(name) ?? [])];
  const weights = picked.map((place) => {
    const at = place.reduce((sum, i, d) => sum * before.shape[d] + i, 0);
    const earlier = new Map(state(values.stateBefore));
    const kept = state(values.stateAfter).map(([key, data]) => {
      const was = earlier.get(key);
      return [key, { ...(was && { before: was[at] }), after: data[at] }] as const;
    });
    const numbers = { before: before.data[at], after: after.data[at], gradient: gradient[at] };
    return { index: place, ...numbers, kept: Object.fromEntries(kept) };
  });
  return [{ name, node: index, input, stepsDone: values.stepsDone.get(name) ?? 0, weights }];
}

/** Places of some weights of a parameter: of a convolution all taps between two channels and two others, of the rest some. */
function pickWeights(
  { operation }: NodeRecord,
  { shape }: Numbers,
  columns: readonly number[],
  input: number,
): number[][] {
  if (shape.length === 1)
    return columns.map((c) => [c]).slice(0, operation === 'batchNorm2d' && input > 0 ? 1 : undefined);
  if (shape.length === 2) return spread(shape[0], SHOWN_ROWS).flatMap((row) => columns.map((column) => [row, column]));
  if (shape.length !== 4) return [];
  const [kh, kw, ci] = shape;
  const outer = columns.filter((_, i) => i === 0 || i === Math.floor(columns.length / 2));
  return spread(ci, 2).flatMap((c) =>
    outer.flatMap((o) => Array.from({ length: kh * kw }, (_, tap) => [Math.floor(tap / kw), tap % kw, c, o])),
  );
}

/** The planes of the batch that the gradients of the weights are sums over. */
function showPlanes({ record, values, tensors }: Showing, node: NodeRecord, index: number, picked: number[][]): void {
  const { operation, inputs, shape } = node;
  const source = inputs[0];
  const x =
    'node' in source
      ? { shape: record.nodes[source.node].shape, data: values.activations[source.node] }
      : 'images' in source
        ? values.images
        : undefined;
  const gradient = values.gradients[index];
  if (x === undefined || gradient === undefined) return;
  const put = (key: string, from: Numbers, channel: number) => {
    const plane = from.data.length / from.shape[from.shape.length - 1];
    const name = `${key}:${index}:${channel}`;
    if (plane <= LARGEST_PLANE && !tensors.has(name)) tensors.set(name, columnsOf(from, [channel]));
  };
  const groups = (node.settings as Partial<GroupedConv2dShape>).groups ?? 1;
  for (const place of picked) {
    const column = place[place.length - 1];
    put('outputGradient', { shape, data: gradient }, column);
    if (place.length === 4) {
      const [, , ci, co] = place;
      const perGroup = x.shape[3] / groups;
      put('input', x, ci + perGroup * Math.floor((co * groups) / shape[3]));
    } else if (place.length === 2) put('input', x, place[0]);
    else if (operation === 'batchNorm2d') {
      put('input', x, column);
    }
  }
}
