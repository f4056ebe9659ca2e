import { type Conv2dShape, conv2dInputGrad } from '../../kernels/conv2d.ts';
import { BoundedSum, expectEach } from '../bounded_sum.ts';
import { input, output } from '../case_data.ts';
import { type Exercise, type ExerciseCase, sizeOf } from '../exercise.ts';
import { FLOPS, forEachTap, gradcheckConvolution, paramsOf, SMALL, TIMED, TRIED, titleOf } from './conv2d_sizes.ts';

function inputGrad(s: Conv2dShape, checked = true): ExerciseCase {
  const dy = input('n, oh, ow, co', [s.n, s.oh, s.ow, s.co], 1);
  const weight = input('kh, kw, ci, co', [s.kh, s.kw, s.ci, s.co], 2);
  const shape = [s.n, s.h, s.w, s.ci];
  // As the chain rule says it: each output hands its gradient to all inputs that it was made of.
  const sums = Array.from({ length: checked ? sizeOf(shape) : 0 }, () => new BoundedSum());
  for (let pixel = 0; checked && pixel < s.n * s.oh * s.ow; pixel++) {
    const n = Math.floor(pixel / (s.oh * s.ow));
    forEachTap(s, Math.floor(pixel / s.ow) % s.oh, pixel % s.ow, (ih, iw, kh, kw) => {
      for (let ci = 0; ci < s.ci; ci++) {
        const sum = sums[((n * s.h + ih) * s.w + iw) * s.ci + ci];
        const tap = ((kh * s.kw + kw) * s.ci + ci) * s.co;
        for (let co = 0; co < s.co; co++) sum.add(dy.data[pixel * s.co + co] * weight.data[tap + co]);
      }
    });
  }
  return {
    title: titleOf(s),
    arrays: {
      dy,
      weight,
      dx: output('n, ih, iw, ci', shape, checked ? expectEach(sizeOf(shape), (i) => sums[i]) : undefined),
    },
    params: paramsOf(s),
    invocations: sizeOf(shape),
  };
}

/** dX from dY and W. */
export const CONV2D_INPUT_GRAD: Exercise = {
  name: 'conv2d-input-grad',
  title: 'Convolution, gradient of the input: who used this pixel?',
  teaches: 'a gradient as a gather: each input asks the outputs that used it, so nothing is written twice',
  shader: 'conv2d_input_grad_naive',
  holes: [
    {
      first: '// Unsigned: below zero wraps round to a large number and fails the test against OH or OW.',
      last: 'if (oh >= params.oh || top % params.stride_h != 0u) { continue; }',
      instead: [
        '    // TODO 1: the output row oh that met input row ih through tap kh: oh · stride = ih + pad − kh · dilation.',
        '    let top = ih;',
        '    let oh = top;',
        '    // TODO 2: is there such a row? Not where top is no multiple of the stride, nor outside of 0 … OH − 1: then leave the tap out.',
        '',
      ],
    },
    {
      first: 'let left = iw + params.pad_w - kw * params.dilation_w;',
      last: 'if (ow >= params.ow || left % params.stride_w != 0u) { continue; }',
      instead: ['      // TODO 3: the same for the columns.', '      let left = iw;', '      let ow = left;'],
    },
    {
      first: 'sum += f32(dy[pixel + co]) * f32(weight[tap + co]);',
      instead: [
        '        // TODO 4: what does output channel co hand back to the input?',
        '        sum += dy[pixel + co];',
      ],
    },
  ],
  hints: [
    'Forward, output oh met input ih = oh · stride + kh · dilation − pad. Solve this for oh: oh · stride = ih + pad − kh · dilation.',
    'An oh exists only where the right side is a multiple of the stride, and where it is from 0 to OH − 1. Else this tap gives nothing.',
    'Add dy[pixel + co] · weight[tap + co] over all co, where pixel = ((n · OH + oh) · OW + ow) · CO and tap = ((kh · KW + kw) · CI + ci) · CO.',
  ],
  meanings: {
    'every-other':
      'With a stride of 2 a tap meets only every other input: leave it out where the remainder by the stride is not 0.',
    all: 'Is oh · stride = ih + pad − kh · dilation, each with its sign? A weight lies at ((kh · KW + kw) · CI + ci) · CO + co.',
    border: 'Near the border fewer outputs used the pixel. Is oh compared with OH, and ow with OW?',
    'one-case': 'Look at what this case has of its own: the stride, padding or dilation of one dimension.',
    gradient: 'The kernel is then not the gradient of the convolution that the engine computes forward.',
  },
  cases: () => TRIED.map((s) => inputGrad(s)),
  small: () => inputGrad(SMALL),
  speed: () => ({
    case: inputGrad(TIMED, false),
    flops: FLOPS,
    house: ({ dy, weight }) => void conv2dInputGrad(dy, weight, TIMED),
  }),
  gradcheck: (gpu) => gradcheckConvolution(gpu, 'x'),
  next: 'src/autograd/ops/conv2d.ts: where this kernel stands on the tape; and `correlate` in src/kernels/conv2d.ts: at stride 1 it is a convolution again',
};
