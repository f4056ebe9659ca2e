import { type Shape, Tensor, tensor } from '../autograd/tensor.ts';
import { copy } from '../kernels/elementwise.ts';
import type { ImageClassifier } from '../nn/models/image_classifier.ts';
import type { Module } from '../nn/module.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { inEvaluationMode } from '../train/inference.ts';

/** What Grad-CAM is to explain. */
export interface GradCamInput {
  gpu: Gpu;
  /** From images to logits [N, classes]. */
  model: Module;
  /** Dotted name of the module whose output is looked at, which must be images, [N, h, w, channels]. */
  layer: string;
  /** [N, H, W, C], as the model takes them. */
  images: Tensor;
  /** Class of each image to explain. Default: the one the model gives the largest logit, of equal ones the first. */
  classes?: ArrayLike<number>;
}

/** Where a model looked. */
export interface GradCam {
  /** [N] classes that were explained. */
  classes: number[];
  /** A map for each image, 0 to 1, [height, width]; all 0 where nothing spoke for the class. */
  maps: { values: Float32Array; height: number; width: number }[];
}

/**
 * Grad-CAM: how much each place in a layer's output speaks for a class. The weight of a channel is the mean over the places of the gradient of
 * the class's logit; a map is the mean over the channels of weight · activation, its negative part cut off, divided by its maximum.
 *
 * The model is in evaluation mode meanwhile; its modes, parameters and their gradients stay as they were.
 *
 * Source: Selvaraju et al., "Grad-CAM", ICCV 2017; the mean where the paper has a sum makes no difference after the division.
 * @throws Error for a layer that is not there, is not called, or gives no images; RangeError for classes that do not fit.
 */
export function gradCam(input: GradCamInput): Promise<GradCam> {
  const { gpu, model, layer } = input;
  const module = model.getModule(layer);
  return inEvaluationMode(model, () =>
    withFrozenParameters(model, () =>
      gpu.scope(async () => {
        const { shape, activations, gradients, classes } = await activationsAndGradients(input, module);
        const [n, height, width, channels] = shape;
        const size = height * width * channels;
        const maps = Array.from({ length: n }, (_, i) => {
          const [first, end] = [i * size, (i + 1) * size];
          const values = heatMap(activations.subarray(first, end), gradients.subarray(first, end), channels);
          return { values, height, width };
        });
        return { classes, maps };
      }),
    ),
  );
}

/**
 * Name of the last part of a network whose output has more than one place, where Grad-CAM says most: of CustomCNN its four blocks together,
 * of ResNet-18 'layer4'. Parts of parts are looked at where no part as a whole has such an output, as in a network that reduces small images
 * to a single place.
 *
 * @throws Error where no module has such an output.
 */
export function lastSpatialLayer(model: ImageClassifier): string {
  const last = findLastSpatialLayer(model);
  if (last === undefined) throw new Error('Grad-CAM: no module of this model gives images of more than one pixel.');
  return last;
}

/** See `lastSpatialLayer`; undefined where no module has such an output. */
export function findLastSpatialLayer(model: ImageClassifier): string | undefined {
  const outputs = new Map<Module, Shape>();
  const removers = model.namedModules().map(([, module]) =>
    module.registerShapeHook((_module, _input, output) => {
      outputs.set(module, output);
    }),
  );
  try {
    model.inferShape([1, ...model.imageShape]);
  } finally {
    for (const remove of removers) remove();
  }
  const names = new Map(model.namedModules().map(([name, module]) => [module, name]));
  const lastIn = (whole: Module): string | undefined => {
    const parts = [...whole.namedChildren()].map(([, part]) => part).reverse();
    const spatial = parts.find((part) => {
      const shape = outputs.get(part);
      return shape !== undefined && isImages(shape) && shape[1] * shape[2] > 1;
    });
    if (spatial) return names.get(spatial);
    for (const part of parts) {
      const inside = lastIn(part);
      if (inside !== undefined) return inside;
    }
    return undefined;
  };
  return lastIn(model);
}

const isImages = (shape: Shape) => shape.length === 4;

/** Runs a function with nothing learning, so that the backward pass spends no time on weights and leaves no gradient at them. */
async function withFrozenParameters<R>(model: Module, work: () => Promise<R>): Promise<R> {
  const learning = model.parameters().filter((parameter) => parameter.requiresGrad);
  for (const parameter of learning) parameter.requiresGrad = false;
  try {
    return await work();
  } finally {
    for (const parameter of learning) parameter.requiresGrad = true;
  }
}

/** Of the module's output in one pass, both [N, height, width, channels], and the classes they are for. */
async function activationsAndGradients(input: GradCamInput, module: Module) {
  const { gpu, model, layer } = input;
  // Copies, so that it is known when their memory is free.
  let activations: Tensor | undefined;
  let gradients: Tensor | undefined;
  const copied = (x: Tensor) =>
    new Tensor(
      gpu.unscoped(() => copy(x.buffer)),
      x.shape,
    );
  const removers = [
    module.registerForwardHook((_module, _input, output) => {
      // Of a module that is called several times the last call counts, which the backward pass comes to first.
      activations?.buffer.release();
      activations = copied(output);
    }),
    module.registerOutputGradientHook((_module, gradient) => {
      gradients ??= copied(gradient);
    }),
  ];
  try {
    const images = new Tensor(input.images.buffer, input.images.shape);
    images.requiresGrad = true;
    const logits = model.call(images);
    if (activations === undefined) throw new Error(`Grad-CAM: the model does not call its module '${layer}'.`);
    const { shape } = activations;
    if (!isImages(shape)) {
      throw new Error(
        `Grad-CAM: the output of '${layer}' has shape [${shape}], expected images [N, height, width, channels].`,
      );
    }
    const classes = input.classes ? Array.from(input.classes) : await largest(logits);
    logits.backward(tensor(gpu, oneHotRows(classes, logits.shape), logits.shape));
    images.zeroGrad();
    if (gradients === undefined) throw new Error(`Grad-CAM: the logits do not depend on the output of '${layer}'.`);
    return { shape, activations: await activations.data(), gradients: await gradients.data(), classes };
  } finally {
    for (const remove of removers) remove();
    for (const kept of [activations, gradients]) kept?.buffer.release();
  }
}

async function largest(logits: Tensor): Promise<number[]> {
  const [n, classes] = logits.shape;
  const values = await logits.data();
  return Array.from({ length: n }, (_, i) => {
    const row = values.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}

function oneHotRows(classes: readonly number[], [n, count]: Shape): Float32Array {
  const wrong = classes.findIndex((one) => !(Number.isInteger(one) && one >= 0 && one < count));
  if (classes.length !== n || wrong >= 0) {
    const fault = classes.length === n ? `class ${classes[wrong]}` : `${classes.length} classes`;
    throw new RangeError(`Grad-CAM: ${fault} for ${n} images, expected one from 0 to ${count - 1} for each.`);
  }
  const rows = new Float32Array(n * count);
  for (const [i, one] of classes.entries()) rows[i * count + one] = 1;
  return rows;
}

/** The map of one image. activations, gradients: [places, channels]. */
function heatMap(activations: Float32Array, gradients: Float32Array, channels: number): Float32Array {
  const places = activations.length / channels;
  const weights = new Float64Array(channels);
  for (let at = 0; at < gradients.length; at++) weights[at % channels] += gradients[at] / places;
  const map = Float64Array.from({ length: places }, (_, place) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += weights[c] * activations[place * channels + c];
    return Math.max(0, sum / channels);
  });
  const highest = Math.max(...map);
  return Float32Array.from(map, (value) => (highest > 0 ? value / highest : 0));
}
