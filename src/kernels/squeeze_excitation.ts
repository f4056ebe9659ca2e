import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { mulBroadcast, reduceSum, sumProducts } from './broadcast.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;

/** Images [images, pixels, channels], and channels between the two layers. */
export interface SqueezeShape {
  images: number;
  pixels: number;
  channels: number;
  squeezed: number;
  /** What follows the first layer. */
  activation: 'relu' | 'silu';
}

/** w1 [channels, squeezed], b1 [squeezed], w2 [squeezed, channels], b2 [channels]. */
export interface SqueezeWeights {
  w1: F32;
  b1: F32;
  w2: F32;
  b2: F32;
}

/** What the backward pass reads: the means of the channels, the first layer's values before and after its activation, and the factors. */
export interface Squeezed {
  means: F32;
  hidden: F32;
  excited: F32;
  factor: F32;
}

/** Pixels of a run in the elementwise pass. */
const RUN = 8;

const OPERATION = 'squeezeExcitation';

/** Constants, params and floating-point operations of f for an element. */
function callOf(gpu: Gpu, shader: string, { images, channels, squeezed, activation }: SqueezeShape) {
  const { RELU, SILU } = gpu.shader(shader).constants;
  return {
    constants: { ACTIVATION: activation === 'silu' ? SILU : RELU },
    params: { images, channels, squeezed },
    flops: activation === 'silu' ? 4 : 1,
  };
}

/** Invocations that share an image. */
const GROUP = 64;

/** y = x · factor, factor[n, c] = σ(f(means[n] · w1 + b1) · w2 + b2), means over the pixels of each image. */
export function squeezeExcitation(x: F32, { w1, b1, w2, b2 }: SqueezeWeights, s: SqueezeShape): Squeezed & { y: F32 } {
  const { gpu } = x;
  const { images, pixels, channels, squeezed } = s;
  const extent = { outer: images, repeat: pixels, inner: channels };
  const means = reduceSum(x, extent, 1 / pixels);
  const [hidden, excited] = [0, 1].map(() => gpu.alloc(images * squeezed, 'f32', OPERATION));
  const factor = gpu.alloc(images * channels, 'f32', OPERATION);
  const { constants, params, flops } = callOf(gpu, 'squeeze_factors', s);
  dispatch(gpu, 'squeeze_factors', {
    operation: OPERATION,
    arrays: {
      means: [means, images * channels],
      w1: [w1, channels * squeezed],
      b1: [b1, squeezed],
      w2: [w2, squeezed * channels],
      b2: [b2, channels],
      hidden: [hidden, images * squeezed],
      excited: [excited, images * squeezed],
      factor: [factor, images * channels],
    },
    constants,
    params,
    invocations: images * GROUP,
    flops: images * (4 * channels * squeezed + flops * squeezed + 3 * channels),
  });
  return { means, hidden, excited, factor, y: mulBroadcast(x, factor, extent) };
}

/** Gradients of x and of the weights. needs: those that are wanted. */
export function squeezeExcitationGrad(
  dy: F32,
  x: F32,
  { w1, w2 }: Pick<SqueezeWeights, 'w1' | 'w2'>,
  { means, hidden, excited, factor }: Squeezed,
  s: SqueezeShape,
  needs: { input: boolean; weights: boolean },
): { dx: F32 | undefined; weights: SqueezeWeights | undefined } {
  const { gpu } = dy;
  const { images, pixels, channels, squeezed } = s;
  const ofChannels = images * channels;
  const ofSqueezed = images * squeezed;
  const dfactor = sumProducts(dy, x, { outer: images, repeat: pixels, inner: channels });
  const [dlogit, dmeans] = [0, 1].map(() => gpu.alloc(ofChannels, 'f32', OPERATION));
  const dhidden = gpu.alloc(ofSqueezed, 'f32', OPERATION);
  const grad = callOf(gpu, 'squeeze_factors_grad', s);
  dispatch(gpu, 'squeeze_factors_grad', {
    operation: `${OPERATION}Grad`,
    arrays: {
      dfactor: [dfactor, ofChannels],
      factor: [factor, ofChannels],
      hidden: [hidden, ofSqueezed],
      w1: [w1, channels * squeezed],
      w2: [w2, squeezed * channels],
      dlogit: [dlogit, ofChannels],
      dhidden: [dhidden, ofSqueezed],
      dmeans: [dmeans, ofChannels],
    },
    constants: grad.constants,
    params: grad.params,
    invocations: images * GROUP,
    flops: images * (4 * channels * squeezed + 2 * grad.flops * squeezed + 3 * channels),
  });
  const weights = needs.weights ? weightGrads(means, excited, dhidden, dlogit, s) : undefined;
  const dx = needs.input ? inputGrad(dy, factor, dmeans, s) : undefined;
  for (const array of [dfactor, dlogit, dhidden, dmeans]) gpu.drop(array);
  return { dx, weights };
}

function weightGrads(means: F32, excited: F32, dhidden: F32, dlogit: F32, s: SqueezeShape): SqueezeWeights {
  const { gpu } = means;
  const { images, channels, squeezed } = s;
  const sizes = { w1: channels * squeezed, b1: squeezed, w2: squeezed * channels, b2: channels };
  const of = (name: keyof SqueezeWeights) => gpu.alloc(sizes[name], 'f32', OPERATION);
  const made: SqueezeWeights = { w1: of('w1'), b1: of('b1'), w2: of('w2'), b2: of('b2') };
  const invocations = 2 * channels * squeezed + squeezed + channels;
  dispatch(gpu, 'squeeze_weight_grad', {
    operation: `${OPERATION}Grad`,
    arrays: {
      means: [means, images * channels],
      excited: [excited, images * squeezed],
      dhidden: [dhidden, images * squeezed],
      dlogit: [dlogit, images * channels],
      dw1: [made.w1, sizes.w1],
      db1: [made.b1, sizes.b1],
      dw2: [made.w2, sizes.w2],
      db2: [made.b2, sizes.b2],
    },
    params: { images, channels, squeezed },
    invocations,
    flops: images * (4 * channels * squeezed + squeezed + channels),
  });
  return made;
}

function inputGrad(dy: F32, factor: F32, dmeans: F32, { images, pixels, channels }: SqueezeShape): F32 {
  const { gpu } = dy;
  const count = images * pixels * channels;
  const dx = gpu.alloc(count, 'f32', OPERATION);
  const vectors = channels % 4 === 0;
  const columns = vectors ? channels / 4 : channels;
  const runs = Math.ceil(pixels / RUN);
  dispatch(gpu, vectors ? 'squeeze_input_grad<vec4f>' : 'squeeze_input_grad', {
    operation: `${OPERATION}Grad`,
    arrays: {
      dy: [dy, count],
      factor: [factor, images * channels],
      dmeans: [dmeans, images * channels],
      dx: [dx, count],
    },
    params: { count: images * runs * columns, pixels, columns, run: RUN, runs },
    invocations: images * runs * columns,
    flops: 2 * count,
  });
  return dx;
}
