import { type Conv2dShape, conv2d } from '../../kernels/conv2d.ts';
import { BoundedSum, expectEach } from '../bounded_sum.ts';
import { input, output } from '../case_data.ts';
import { type CaseArray, type Exercise, type ExerciseCase, indexOf, sizeOf } from '../exercise.ts';
import { FLOPS, forEachTap, paramsOf, SMALL, TIMED, TRIED, titleOf } from './conv2d_sizes.ts';

function forward(s: Conv2dShape, biased: boolean, checked = true): ExerciseCase {
  const x = input('n, h, w, ci', [s.n, s.h, s.w, s.ci], 1);
  const weight = input('kh, kw, ci, co', [s.kh, s.kw, s.ci, s.co], 2);
  // Where there is no bias the kernel must not use what lies there.
  const bias: CaseArray & { data: Float32Array } = biased
    ? input('co', [s.co], 3)
    : { axes: 'co', shape: [s.co], data: new Float32Array(s.co).fill(Number.NaN) };
  const shape = [s.n, s.oh, s.ow, s.co];
  const element = (i: number) => {
    const [n, oh, ow, co] = indexOf(shape, i);
    const sum = new BoundedSum();
    if (biased) sum.add(bias.data[co]);
    forEachTap(s, oh, ow, (ih, iw, kh, kw) => {
      for (let ci = 0; ci < s.ci; ci++) {
        sum.add(
          x.data[((n * s.h + ih) * s.w + iw) * s.ci + ci] * weight.data[((kh * s.kw + kw) * s.ci + ci) * s.co + co],
        );
      }
    });
    return sum;
  };
  return {
    title: `${titleOf(s)}, ${biased ? 'with' : 'without'} bias`,
    arrays: {
      x,
      weight,
      bias,
      y: output('n, oh, ow, co', shape, checked ? expectEach(sizeOf(shape), element) : undefined),
    },
    params: { ...paramsOf(s), has_bias: biased ? 1 : 0 },
    invocations: sizeOf(shape),
  };
}

/** Y = X ∗ W + bias. */
export const CONV2D: Exercise = {
  name: 'conv2d',
  title: 'Convolution, forward: a window over an image',
  teaches: 'stride, padding and dilation, the channels-last layout, and what an unsigned number does below zero',
  shader: 'conv2d_naive',
  holes: [
    {
      first: '// Unsigned: above the upper border wraps round to a large number, so one comparison finds both borders.',
      last: 'let ih = oh * params.stride_h + kh * params.dilation_h - params.pad_h;',
      instead: [
        '    // TODO 1: the row of X that tap kh of output row oh meets. Mind the stride, the dilation and the padding.',
        '    let ih = oh + kh;',
      ],
    },
    {
      first: 'let iw = ow * params.stride_w + kw * params.dilation_w - params.pad_w;',
      last: 'let tap = (kh * params.kw + kw) * params.ci;',
      instead: [
        '      let iw = ow + kw;',
        '      // TODO 2: X is 0 outside its borders: leave such taps out. (Unsigned, a number below zero wraps round to a large one.)',
        '',
        '      // TODO 3: where X[n, ih, iw, 0] begins, and where the weights of tap (kh, kw) do.',
        '      let pixel = ih * params.w + iw;',
        '      let tap = kh * params.kw + kw;',
      ],
    },
    {
      first: 'y[i] = E(sum + select(0.0, bias[co], params.has_bias != 0u));',
      instead: ['  // TODO 4: add the bias of channel co where there is one.', '  y[i] = sum;'],
    },
  ],
  hints: [
    'Output (oh, ow) begins at pixel oh · stride − pad; tap kh stands kh · dilation further down. The same for columns.',
    'Above the upper border `ih` would be negative. Unsigned it wraps round to a large number, so `ih >= params.h` finds both borders.',
    'Pixel (n, ih, iw) begins at ((n · h + ih) · w + iw) · ci; tap (kh, kw) at (kh · kw_count + kw) · ci, and a weight at (tap + ci) · co_count + co.',
  ],
  meanings: {
    border: 'Windows at the border meet pixels that are not there: these count as 0.',
    'one-case': 'Look at what this case has: its own stride, padding or dilation in each dimension, or no bias.',
    'not-a-number': 'Either a place outside of an array is read, or the bias is used where `has_bias` is 0.',
    all: 'Is ih = oh · stride + kh · dilation − pad, and iw likewise? Is the index of the pixel made with h and w of the input, and that of the weight with kw, ci and co?',
  },
  cases: () => [forward(TRIED[0], true), forward(TRIED[1], false)],
  small: () => forward(SMALL, true),
  speed: () => ({
    case: forward(TIMED, true, false),
    flops: FLOPS,
    house: ({ x, weight, bias }) => void conv2d(x, weight, bias, TIMED),
  }),
  next: 'shaders/conv2d_tiled.wgsl: the convolution as a product of matrices that nobody writes down',
};
