import { gradcheck } from '../../autograd/gradcheck.ts';
import { maxPool2d } from '../../autograd/ops/max_pool.ts';
import { tensor } from '../../autograd/tensor.ts';
import type { Conv2dShape } from '../../kernels/conv2d.ts';
import { Philox } from '../../runtime/philox.ts';
import { BoundedSum, expectEach } from '../bounded_sum.ts';
import { input, output } from '../case_data.ts';
import { type Exercise, type ExerciseCase, indexOf, sizeOf } from '../exercise.ts';
import { convolution, forEachTap } from './conv2d_sizes.ts';

/** Sizes of a pooling: those of a convolution whose channels stay by themselves. */
function pooling(
  image: readonly number[],
  window: readonly number[],
  stride: readonly number[],
  pad: readonly number[],
  dilation?: readonly number[],
): Conv2dShape {
  return convolution(image, [...window, image[3]], stride, pad, dilation);
}

function poolGrad(s: Conv2dShape): ExerciseCase {
  const c = s.ci;
  const x = input('n, h, w, c', [s.n, s.h, s.w, c], 1);
  const dy = input('n, oh, ow, c', [s.n, s.oh, s.ow, c], 2);
  const outputs = sizeOf(dy.shape);
  const winner = new Uint32Array(Math.ceil(outputs / 4));
  const shape = [s.n, s.h, s.w, c];
  const sums = Array.from({ length: sizeOf(shape) }, () => new BoundedSum());
  for (let i = 0; i < outputs; i++) {
    const [n, oh, ow, channel] = indexOf(dy.shape, i);
    let [best, place, won] = [Number.NEGATIVE_INFINITY, 0, 0];
    forEachTap(s, oh, ow, (ih, iw, kh, kw) => {
      const at = ((n * s.h + ih) * s.w + iw) * c + channel;
      if (x.data[at] > best) [best, place, won] = [x.data[at], kh * s.kw + kw, at];
    });
    winner[i >> 2] |= place << (8 * (i % 4));
    sums[won].add(dy.data[i]);
  }
  return {
    title: `X [${shape.join(', ')}], window ${s.kh} × ${s.kw}, stride ${s.strideH} × ${s.strideW}, padding ${s.padH} × ${s.padW}${s.dilationW > 1 ? `, dilation ${s.dilationH} × ${s.dilationW}` : ''}`,
    arrays: {
      dy,
      winner: { axes: 'word', shape: [winner.length], data: winner },
      dx: output(
        'n, ih, iw, c',
        shape,
        expectEach(sizeOf(shape), (i) => sums[i]),
      ),
    },
    params: {
      ...{ count: sizeOf(shape), h: s.h, w: s.w, c, oh: s.oh, ow: s.ow, kh: s.kh, kw: s.kw },
      ...{ stride_h: s.strideH, stride_w: s.strideW, pad_h: s.padH, pad_w: s.padW },
      ...{ dilation_h: s.dilationH, dilation_w: s.dilationW },
    },
    invocations: sizeOf(shape),
  };
}

/** dX of max pooling, from dY and the winners that the forward pass noted. */
export const MAX_POOL_GRAD: Exercise = {
  name: 'max-pool-grad',
  title: 'Max pooling, gradient: only the winner learns',
  teaches: 'what a forward pass keeps for the backward pass, and windows that overlap',
  shader: 'max_pool_grad',
  holes: [
    {
      first: 'let place = down / params.dilation_h * params.kw + across / params.dilation_w;',
      last: 'if (((winner[at / 4u] >> (8u * (at % 4u))) & 0xffu) == place) { sum += f32(dy[at]); }',
      instead: [
        '      // TODO 1: which element of this window is (ih, iw)? The forward pass counts them as kh · KW + kw; down and across are its distances in pixels',
        "      // from the window's first element.",
        '      let place = 0u;',
        '      // TODO 2: the winner of output `at`: byte at % 4 of word at / 4, the lowest first. Add dy[at] only where this element won.',
        '      sum += dy[at];',
      ],
    },
  ],
  hints: [
    'The forward pass noted for each output which element of its window won: kh · KW + kw, a byte each, four to a word.',
    'Output `at` has byte at % 4 of word at / 4: (winner[at / 4u] >> (8u * (at % 4u))) & 0xffu.',
    'This element is (down / dilation_h, across / dilation_w) of the window: its place is down / dilation_h · KW + across / dilation_w. Where the winner is that place, add dy[at].',
  ],
  meanings: {
    scattered:
      'The place in the window is down · KW + across: with the height for KW only square windows are right. Overlapping windows may choose one element several times: add their gradients up. And is the right byte of the word compared?',
    border: 'The windows begin `pad` before the image: is the element looked for at its index plus the padding?',
    'one-case': 'Look at the dilation and the stride of this case: each is applied to one dimension alone.',
    gradient: 'The kernel is then not the gradient of the max pooling that the engine computes forward.',
  },
  cases: () => [
    poolGrad(pooling([2, 9, 7, 3], [3, 2], [2, 1], [1, 0])),
    poolGrad(pooling([1, 12, 10, 5], [2, 3], [1, 2], [0, 1], [1, 2])),
  ],
  small: () => poolGrad(pooling([1, 4, 3, 2], [3, 2], [2, 1], [1, 0])),
  speed: () => ({ case: poolGrad(pooling([4, 34, 30, 31], [3, 3], [2, 2], [1, 1])) }),
  gradcheck: (gpu) => {
    // Values that are further apart than a step of the difference, in random order: a step must not change the winner.
    const shape = [1, 5, 4, 3];
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => 0.1 * (i - 30));
    const x = tensor(gpu, new Philox(3).shuffle(values), shape, { requiresGrad: true });
    return gradcheck((image) => maxPool2d(image, { kernelSize: [3, 2], stride: [2, 1], padding: [1, 0] }), [x]);
  },
  next: 'shaders/max_pool.wgsl: the forward pass, and how it notes the winners',
};
