import { indices, type Tensor, tensor } from '../../autograd/tensor.ts';
import { uniform } from '../../nn/init.ts';
import { CrossEntropyLoss } from '../../nn/losses/cross_entropy.ts';
import type { ImageClassifier } from '../../nn/models/image_classifier.ts';
import { createModel, type ModelName } from '../../nn/models/index.ts';
import type { HostTensor } from '../../nn/weights/host_tensor.ts';
import { imagesFromTorch, shapeToTorch, toTorch } from '../../nn/weights/layout.ts';
import { loadWeights } from '../../nn/weights/load_weights.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { Philox } from '../../runtime/philox.ts';

/** What a training step of a network must give. */
export interface StepValues {
  net: string;
  width: number;
  /** Pixels of an image in each dimension. */
  size: number;
  seed: number;
  /** Stream of the generator that the images are drawn from. */
  imagesStream: number;
  labels: readonly number[];
  loss: number;
  /** Errors allowed: of the loss, relative to it; of a gradient, relative to its scale; of one whose terms cancel, to theirs. */
  limits: { forward: number; gradient: number; cancelled: number };
  /** One line for each parameter; see `TRAINING_STEPS`. */
  gradients: readonly string[];
}

/** What one step gave. */
export interface CheckedStep {
  /** Largest error in units of what is allowed, and of what. */
  error: number;
  of: string;
  /** Whether a second step from the same weights gave the same bits. */
  repeats: boolean;
}

/** First values of a parameter, as the fixtures' scripts draw them, in PyTorch's layout. */
export function drawnValues(
  seed: number,
  { name, shape, stream }: { name: string; shape: readonly number[]; stream: number },
): HostTensor<Float32Array> {
  const generator = new Philox(seed, stream);
  const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
  if (shape.length > 1) return { shape, data: uniform(shape, 1 / Math.sqrt(fanIn), generator) };
  if (name.endsWith('weight')) return { shape, data: uniform(shape, 0.25, generator).map((value) => 1 + value) };
  return { shape, data: uniform(shape, 0.125, generator) };
}

/** A line of `StepValues.gradients`. */
function parseGradient(line: string) {
  const [name, ...numbers] = line.split(' ');
  const [stream, cancels, stride, scale, norm, ...elements] = numbers.map(Number);
  return { name, stream, cancels: cancels === 1, stride, scale, norm, elements };
}

/** Loss and gradients of one step from the first weights, gradients in PyTorch's layout. */
async function runStep(gpu: Gpu, values: StepValues): Promise<{ loss: number; gradients: Float32Array[] }> {
  const { net, width, size, seed, imagesStream, labels } = values;
  return gpu.scope(async () => {
    const model: ImageClassifier = createModel(gpu, net as ModelName, { width, dropout: 0, stochasticDepth: 0 });
    const streams = new Map(values.gradients.map(parseGradient).map(({ name, stream }) => [name, stream]));
    const drawn = model.namedParameters().map(([name, { shape }]) => {
      const stream = streams.get(name) ?? 0;
      return [name, drawnValues(seed, { name, shape: shapeToTorch(shape), stream })] as const;
    });
    loadWeights(model, new Map(drawn), { strict: false });
    const shape = [labels.length, 3, size, size];
    const images = imagesFromTorch({ shape, data: uniform(shape, 2, new Philox(seed, imagesStream)) });
    const logits = model.call(tensor(gpu, images.data, images.shape));
    const loss = new CrossEntropyLoss().call(logits, indices(gpu, labels));
    loss.backward();
    const gradients = model.parameters().map(async ({ grad }) => {
      const { shape, ...own } = grad as Tensor;
      return toTorch({ shape, data: await (grad as Tensor).data(), ...own }).data;
    });
    return { loss: await loss.item(), gradients: await Promise.all(gradients) };
  });
}

const normOf = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/**
 * Does one training step of a network, forward and backward, twice, and compares loss and gradients with what PyTorch computes in float64. The limits are
 * those of the tests that hold the networks against it, chosen from what PyTorch itself makes in float32.
 */
export async function checkTrainingStep(gpu: Gpu, values: StepValues): Promise<CheckedStep> {
  const [first, second] = [await runStep(gpu, values), await runStep(gpu, values)];
  let [error, of] = [Math.abs(first.loss / values.loss - 1) / values.limits.forward, 'the loss'];
  const hold = (difference: number, limit: number, what: string) => {
    const own = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference / limit;
    if (own > error || Number.isNaN(error)) [error, of] = [own, what];
  };
  for (const [i, line] of values.gradients.entries()) {
    const { name, cancels, stride, scale, norm, elements } = parseGradient(line);
    const limit = (cancels ? values.limits.cancelled : values.limits.gradient) * scale;
    const found = first.gradients[i];
    for (const [k, expected] of elements.entries())
      hold(Math.abs(found[k * stride] - expected), limit, `the gradient of ${name}`);
    // What was not kept shows in the norm.
    hold(Math.abs(normOf(found) - norm), limit * Math.sqrt(found.length), `the norm of the gradient of ${name}`);
  }
  const repeats =
    first.loss === second.loss &&
    first.gradients.every((gradient, i) => gradient.every((value, k) => Object.is(value, second.gradients[i][k])));
  return { error, of, repeats };
}
