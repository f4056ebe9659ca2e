import { checkedSizeOf, type Shape, sizeOf } from '../autograd/tensor.ts';
import { ShapeError } from '../runtime/errors.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { Philox } from '../runtime/philox.ts';

/** First values of a tensor of that shape, drawn from the generator. */
export type Initializer = (shape: Shape, generator: Philox) => Float32Array;

/** Options of every layer that draws its first weights. */
export interface InitOptions {
  /**
   * Where the first weights are drawn from; layers made one after the other draw on. The same seed gives the same weights on any adapter.
   * Default: a generator of the layer's own, from the seed of the device.
   */
  generator?: Philox;
  /** How its weight is drawn. Default: `uniformByFanIn`. */
  initWeight?: Initializer;
  /** How its bias is drawn. Default: `uniformByFanIn`, by the fan of the weight. */
  initBias?: Initializer;
}

/** Streams of a seed that first weights are drawn from. */
const MODEL_STREAM = 0x4e4e0000;
const LAYER_STREAM = 0x4e4e0001;

/** The generator that a model with this seed draws its first weights from. */
export function modelGenerator(seed: number): Philox {
  return new Philox(seed, MODEL_STREAM);
}

/** The generator of a layer that was given none: another for each layer, all from the device's seed. */
export function layerGenerator(gpu: Gpu): Philox {
  const { seedLow, seedHigh, offset } = gpu.takeRandom();
  return new Philox(seedHigh * 2 ** 32 + seedLow, (LAYER_STREAM + offset) % 2 ** 32);
}

/** Inputs of one output and outputs of one input, of a weight [KH, KW, CI, CO] or [in, out]. */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length !== 2 && shape.length !== 4) {
    throw new ShapeError(`init: a weight must be [KH, KW, CI, CO] or [in, out]; its shape is [${shape}].`);
  }
  const window = sizeOf(shape.slice(0, -2));
  return { fanIn: window * shape[shape.length - 2], fanOut: window * shape[shape.length - 1] };
}

/** Values uniform in [−bound, bound), with 24 random bits, as many as float32 holds. */
export function uniform(shape: Shape, bound: number, generator: Philox): Float32Array {
  const values = new Float32Array(checkedSizeOf('init', shape));
  for (let i = 0; i < values.length; i++) values[i] = bound * ((generator.uint32() >>> 8) * 2 ** -23 - 1);
  return values;
}

/**
 * Values of a normal distribution around 0, up to 6.7 deviations away: Box–Muller on words of 32 bits, both of each pair used, since a
 * network takes millions of them.
 */
export function normal(shape: Shape, deviation: number, generator: Philox): Float32Array {
  const values = new Float32Array(checkedSizeOf('init', shape));
  for (let i = 0; i < values.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - generator.uint32() * 2 ** -32));
    const angle = 2 * Math.PI * 2 ** -32 * generator.uint32();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/**
 * PyTorch's default for the weights of convolutions and linear layers, kaiming_uniform_ with a = √5: uniform within ±1/√fanIn.
 * For their biases PyTorch takes the same bound, of the weight's fan.
 */
export function defaultBound(weightShape: Shape): number {
  return 1 / Math.sqrt(fans(weightShape).fanIn);
}

/** All 0: for biases. */
export function zeros(shape: Shape): Float32Array {
  return new Float32Array(checkedSizeOf('init', shape));
}

/** PyTorch's default for layers with a weight of this shape, for weight and bias alike: uniform within `defaultBound`. */
export function uniformByFanIn(weightShape: Shape): Initializer {
  const bound = defaultBound(weightShape);
  return (shape, generator) => uniform(shape, bound, generator);
}

export interface KaimingOptions {
  /** Keep the variance of the forward pass (fanIn, default) or of the backward pass (fanOut). */
  mode?: 'fanIn' | 'fanOut';
  /** What follows the layer: gain √2 for ReLU (default), 1 for nothing. */
  nonlinearity?: 'relu' | 'linear';
}

/**
 * Values of a normal distribution with deviation gain / √fan: PyTorch's kaiming_normal_.
 * Source: He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015.
 */
export function kaimingNormal(shape: Shape, generator: Philox, options: KaimingOptions = {}): Float32Array {
  const { mode = 'fanIn', nonlinearity = 'relu' } = options;
  const gain = nonlinearity === 'relu' ? Math.SQRT2 : 1;
  return normal(shape, gain / Math.sqrt(fans(shape)[mode]), generator);
}
