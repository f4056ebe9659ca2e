import { type Conv2dShape, conv2dWeightGrad } from '../../kernels/conv2d.ts';
import { BoundedSum, expectEach } from '../bounded_sum.ts';
import { input, output } from '../case_data.ts';
import { type Exercise, type ExerciseCase, sizeOf } from '../exercise.ts';
import { FLOPS, forEachTap, gradcheckConvolution, paramsOf, SMALL, TIMED, TRIED, titleOf } from './conv2d_sizes.ts';

function weightGrad(s: Conv2dShape, slicePixels: number, checked = true): ExerciseCase {
  const x = input('n, h, w, ci', [s.n, s.h, s.w, s.ci], 1);
  const dy = input('n, oh, ow, co', [s.n, s.oh, s.ow, s.co], 2);
  const pixels = s.n * s.oh * s.ow;
  const slices = Math.ceil(pixels / slicePixels);
  const shape = [slices, s.kh, s.kw, s.ci, s.co];
  const weights = sizeOf(shape) / slices;
  const sums = Array.from({ length: checked ? sizeOf(shape) : 0 }, () => new BoundedSum());
  for (let pixel = 0; checked && pixel < pixels; pixel++) {
    const n = Math.floor(pixel / (s.oh * s.ow));
    const slice = Math.floor(pixel / slicePixels);
    forEachTap(s, Math.floor(pixel / s.ow) % s.oh, pixel % s.ow, (ih, iw, kh, kw) => {
      for (let ci = 0; ci < s.ci; ci++) {
        const value = x.data[((n * s.h + ih) * s.w + iw) * s.ci + ci];
        const tap = slice * weights + ((kh * s.kw + kw) * s.ci + ci) * s.co;
        for (let co = 0; co < s.co; co++) sums[tap + co].add(value * dy.data[pixel * s.co + co]);
      }
    });
  }
  return {
    title: `${titleOf(s)}, ${pixels} pixels in slices of ${slicePixels}`,
    arrays: {
      x,
      dy,
      dw: output('slice, kh, kw, ci, co', shape, checked ? expectEach(sizeOf(shape), (i) => sums[i]) : undefined),
    },
    params: { ...paramsOf(s), slices, slice_pixels: slicePixels },
    invocations: sizeOf(shape),
  };
}

/** dW from X and dY, in slices of the pixels. */
export const CONV2D_WEIGHT_GRAD: Exercise = {
  name: 'conv2d-weight-grad',
  title: 'Convolution, gradient of the weights: all pixels add up',
  teaches: 'a sum over a whole batch, cut into slices that run side by side and are added in a fixed order',
  shader: 'conv2d_weight_grad_naive',
  holes: [
    {
      first: 'let first = i / weights * params.slice_pixels;',
      last: 'let end = min(first + params.slice_pixels, params.n * params.oh * params.ow);',
      instead: [
        "  // TODO 1: the first pixel of this invocation's slice, and the one behind its last. The last slice may be shorter.",
        '  let first = 0u;',
        '  let end = params.slice_pixels;',
      ],
    },
    {
      first: 'let ih = p / params.ow % params.oh * params.stride_h + kh * params.dilation_h - params.pad_h;',
      last: 'sum += f32(x[((n * params.h + ih) * params.w + iw) * params.ci + ci]) * f32(dy[p * params.co + co]);',
      instead: [
        '    // TODO 2: pixel p of the output is (n, oh, ow). Which pixel (ih, iw) of X did tap (kh, kw) meet there? Leave it out where it lies outside.',
        '    let n = 0u;',
        '    let ih = kh;',
        '    let iw = kw;',
        '    // TODO 3: add X · dY of this pixel.',
        '    sum += x[((n * params.h + ih) * params.w + iw) * params.ci + ci];',
      ],
    },
  ],
  hints: [
    'A weight met one pixel of X for each pixel p of the output: dW adds x · dy over them. A slice takes the p from s · slice_pixels on.',
    'p is n · OH · OW + oh · OW + ow: take it apart by / and %. Then ih and iw are as in the forward pass, and outside the border is 0.',
    'dy lies at p · co_count + co. The last slice may be shorter: its end is min(first + slice_pixels, n · oh · ow).',
  ],
  meanings: {
    'last-of-axis': 'If it is the last slice: it has fewer pixels than the others, and its end is that of all pixels.',
    all: 'p is n · OH · OW + oh · OW + ow: is it taken apart by OW and OH? A slice adds its pixels up and divides by nothing.',
    scattered:
      'If the first slice is right: does each slice begin at its own first pixel? If only the outer taps are wrong: what lies outside of X counts as 0.',
    border: 'The outer taps meet the border: what lies there counts as 0, and is not read.',
    'one-case': 'Look at what this case has of its own: the stride, padding or dilation of one dimension.',
    gradient: 'The kernel is then not the gradient of the convolution that the engine computes forward.',
  },
  cases: () => [weightGrad(TRIED[0], 30), weightGrad(TRIED[1], 40)],
  small: () => weightGrad(SMALL, 4),
  speed: () => ({
    case: weightGrad(TIMED, 192, false),
    flops: FLOPS,
    house: ({ x, dy }) => void conv2dWeightGrad(x, dy, TIMED),
  }),
  gradcheck: (gpu) => gradcheckConvolution(gpu, 'weight'),
  next: 'src/kernels/weight_slices.ts: into how many slices the engine cuts, and why',
};
