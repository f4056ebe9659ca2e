import * as kernels from '../../kernels/squeeze_excitation.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import type { Tensor } from '../tensor.ts';

/** The two layers of `squeezeExcitation`, as 1×1 convolutions have their weights. */
export interface SqueezeExcitationWeights {
  /** [1, 1, C, S] */
  w1: Tensor;
  /** [S] */
  b1: Tensor;
  /** [1, 1, S, C] */
  w2: Tensor;
  /** [C] */
  b2: Tensor;
}

/**
 * Each channel of x [N, H, W, C] times a number from 0 to 1, σ(f(m · w1 + b1) · w2 + b2), of the means m of all channels over the image. Shape kept. The
 * means, the factors and the product are a kernel each; four give the gradients. Large sums may take one more.
 * activation: f. Throws ShapeError where a shape does not fit.
 * Source: Hu, Shen, Sun, "Squeeze-and-excitation networks", CVPR 2018.
 */
export function squeezeExcitation(
  x: Tensor,
  { w1, b1, w2, b2 }: SqueezeExcitationWeights,
  activation: 'relu' | 'silu' = 'relu',
): Tensor {
  const [images, h, w, channels] = x.shape;
  const squeezed = b1.size;
  if (x.shape.length !== 4) {
    throw new ShapeError(`squeezeExcitation: the input must be [N, H, W, C]; its shape is [${x.shape}].`);
  }
  const sizes = { w1: [channels, squeezed], b1: [squeezed], w2: [squeezed, channels], b2: [channels] };
  for (const [name, tensor] of Object.entries({ w1, b1, w2, b2 })) {
    const wanted = sizes[name as keyof typeof sizes];
    if (`${tensor.shape.slice(-wanted.length)}` === `${wanted}` && tensor.size === wanted.reduce((a, b) => a * b))
      continue;
    throw new ShapeError(
      `squeezeExcitation: ${name} must be [${wanted}] for ${channels} channels; its shape is [${tensor.shape}].`,
    );
  }
  const shape: kernels.SqueezeShape = { images, pixels: h * w, channels, squeezed, activation };
  const own = { w1: w1.buffer, b1: b1.buffer, w2: w2.buffer, b2: b2.buffer };
  const { y, ...squeezes } = kernels.squeezeExcitation(x.buffer, own, shape);
  const { means, hidden, excited, factor } = squeezes;
  return record('squeezeExcitation', {
    inputs: [x, w1, b1, w2, b2],
    output: y,
    shape: x.shape,
    settings: { activation },
    saved: [x.buffer, own.w1, own.w2, means, hidden, excited, factor],
    backward: (dy, [input, ...needed]) => {
      const { dx, weights } = kernels.squeezeExcitationGrad(dy, x.buffer, own, squeezes, shape, {
        input,
        weights: needed.some(Boolean),
      });
      const grads = weights && [weights.w1, weights.b1, weights.w2, weights.b2];
      return [dx, ...needed.map((needs, i) => (needs ? grads?.[i] : undefined))];
    },
  });
}
