import type { Tensor } from '../../autograd/tensor.ts';
import type { TracedOperation } from '../trace_forward.ts';
import { inOnnxOrder, onnxAxis, refusal, TO_NCHW, TO_NHWC, type Translation } from './translation.ts';

/** Whether a tensor is images of more than one pixel, so that the order of its numbers differs between [N, H, W, C] and [N, C, H, W]. */
function orderMatters({ shape }: Tensor): boolean {
  return shape.length === 4 && shape[1] * shape[2] > 1;
}

/** The same numbers in another shape. Images are turned to [N, H, W, C] before and back afterwards, where that makes a difference. */
export function reshape(traced: TracedOperation, translation: Translation): string {
  const { graph } = translation;
  const { output, inputs } = traced;
  const [x] = inputs;
  const value = translation.value(x);
  if (`${x.shape}` === `${output.shape}`) return value;
  const batched = translation.isBatched(x);
  if (batched && x.shape[0] !== output.shape[0]) throw refusal(traced, 'it mixes the images of a batch');
  // 0: as it was, whatever the number of images is.
  const dims = (sizes: readonly number[]) => graph.integers(batched ? [0, ...sizes.slice(1)] : sizes);
  const rows = orderMatters(x) ? graph.node('Transpose', [value], { perm: { ints: TO_NHWC } }) : value;
  if (!orderMatters(output)) return graph.node('Reshape', [rows, dims(inOnnxOrder(output.shape))]);
  return graph.node('Transpose', [graph.node('Reshape', [rows, dims(output.shape)])], { perm: { ints: TO_NCHW } });
}

/** Slice, of the dimensions that are cut. */
export function slice(traced: TracedOperation, translation: Translation): string {
  const { graph } = translation;
  const [x] = traced.inputs;
  const { starts, steps } = traced.settings as { starts: number[]; steps: number[] };
  const cut = x.shape.flatMap((size, d) => (starts[d] === 0 && traced.output.shape[d] === size ? [] : [d]));
  if (cut.includes(0) && translation.isBatched(x)) throw refusal(traced, 'it takes some images of a batch');
  const ends = cut.map((d) => starts[d] + (traced.output.shape[d] - 1) * steps[d] + 1);
  const lists = [cut.map((d) => starts[d]), ends, cut.map((d) => onnxAxis(x, d)), cut.map((d) => steps[d])];
  return graph.node('Slice', [translation.value(x), ...lists.map((list) => graph.integers(list))]);
}

/** Pad, with zeros. */
export function pad(traced: TracedOperation, translation: Translation): string {
  const { graph } = translation;
  const [x] = traced.inputs;
  const { starts } = traced.settings as { starts: number[] };
  const behind = starts.map((before, d) => traced.output.shape[d] - before - x.shape[d]);
  return graph.node('Pad', [translation.value(x), graph.integers([...inOnnxOrder(starts), ...inOnnxOrder(behind)])]);
}

/** Concat. */
export function concat(traced: TracedOperation, translation: Translation): string {
  const { along } = traced.settings as { along: number };
  const values = traced.inputs.map((tensor) => translation.value(tensor));
  return translation.graph.node('Concat', values, { axis: { i: onnxAxis(traced.output, along) } });
}
