import { squeezeExcitation } from '../../autograd/ops/squeeze_excitation.ts';
import { indices, type Tensor, tensor } from '../../autograd/tensor.ts';
import * as ops from '../../index.ts';
import { type GradcheckCase, type InputNumbers, LINEAR } from './gradcheck_case.ts';

/** Images [N, H, W, C] of unlike sizes, none of them a power of two. */
const IMAGES = [2, 5, 6, 3];
const spaced = (shape: readonly number[], gap = 0.05): InputNumbers => ({ shape, gap });
const positive = (shape: readonly number[]): InputNumbers => ({ shape, low: 0.5, high: 2 });

const one = (
  name: string,
  f: (x: Tensor) => Tensor,
  input: GradcheckCase['inputs'][number] = IMAGES,
  options?: GradcheckCase['options'],
): GradcheckCase => ({ name, names: ['x'], inputs: [input], f, options });

const two = (
  name: string,
  f: (a: Tensor, b: Tensor) => Tensor,
  inputs: GradcheckCase['inputs'] = [IMAGES, [3]],
  options?: GradcheckCase['options'],
): GradcheckCase => ({ name, names: ['a', 'b'], inputs, f, options });

const convolution = (
  name: string,
  f: (x: Tensor, weight: Tensor, bias: Tensor) => Tensor,
  inputs: GradcheckCase['inputs'],
): GradcheckCase => ({ name, names: ['x', 'weight', 'bias'], inputs, f, options: LINEAR });

const labels = (x: Tensor) => indices(x.gpu, [2, 0, 3, 1, 2]);
const LOGITS = [5, 4];
/** Embeddings whose distances are far enough apart that no step changes which one is the largest. */
const pairs = (x: Tensor) => indices(x.gpu, [0, 1, 0, 1, 2, 2]);

const ELEMENTWISE: GradcheckCase[] = [
  one('relu', ops.relu, spaced(IMAGES)),
  one('leakyRelu', (x) => ops.leakyRelu(x, 0.1), spaced(IMAGES)),
  one('sigmoid', ops.sigmoid),
  one('silu', ops.silu),
  one('gelu', (x) => ops.gelu(x)),
  one('tanh', ops.tanh),
  one('exp', ops.exp),
  one('log', ops.log, positive(IMAGES)),
  one('sqrt', ops.sqrt, positive(IMAGES)),
  one('abs', ops.abs, spaced(IMAGES)),
  one('neg', ops.neg, IMAGES, LINEAR),
  one('scale', (x) => ops.scale(x, 3), IMAGES, LINEAR),
  one('clamp', (x) => ops.clamp(x, { min: -1, max: 2 }), spaced(IMAGES)),
  one(
    'cast',
    // Between half-precision numbers, which these are before and after a step, it changes nothing. An adapter without them has no such operation.
    (x) => (x.gpu.supportsF16 ? ops.cast(ops.cast(x, 'f16'), 'f32') : ops.scale(x, 1)),
    spaced(IMAGES, 1 / 64),
    // The gradient is rounded to half precision on its way.
    { ...LINEAR, absolute: 2 ** -11, relative: 2 ** -11 },
  ),
  two('add', ops.add, undefined, LINEAR),
  two('addRelu', ops.addRelu, [spaced(IMAGES, 0.1), spaced(IMAGES, 0.017)]),
  two('sub', ops.sub, undefined, LINEAR),
  two('mul', ops.mul),
  two('div', ops.div, [IMAGES, positive([3])]),
  two('pow', ops.pow, [positive(IMAGES), [3]]),
  two('maximum', ops.maximum, [spaced(IMAGES, 0.1), spaced([3], 0.033)]),
  two('minimum', ops.minimum, [spaced(IMAGES, 0.1), spaced([3], 0.033)]),
  two('where', (a, b) => ops.where(ops.gt(tensor(a.gpu, [1, 0, 1]), 0), a, b), undefined, LINEAR),
];

const PRODUCTS: GradcheckCase[] = [
  two(
    'matmul',
    (a, b) => ops.matmul(a, b),
    [
      [3, 4],
      [4, 5],
    ],
    LINEAR,
  ),
  two(
    'bmm',
    (a, b) => ops.bmm(a, b),
    [
      [2, 3, 4],
      [2, 4, 5],
    ],
    LINEAR,
  ),
  convolution('linear', ops.linear, [[5, 7], [7, 3], [3]]),
  convolution('conv2d', (x, w, b) => ops.conv2d(x, w, b, { padding: 1 }), [[2, 5, 6, 3], [3, 3, 3, 4], [4]]),
  convolution('conv2d-strided', (x, w, b) => ops.conv2d(x, w, b, { stride: 2, padding: 1, dilation: 2 }), [
    [2, 7, 6, 4],
    [3, 2, 4, 4],
    [4],
  ]),
  convolution('conv2d-grouped', (x, w, b) => ops.conv2d(x, w, b, { padding: 1, groups: 2 }), [
    [2, 5, 6, 4],
    [3, 3, 2, 6],
    [6],
  ]),
  convolution('conv2d-depthwise', (x, w, b) => ops.conv2d(x, w, b, { padding: 1, groups: 4 }), [
    [2, 5, 6, 4],
    [3, 3, 1, 4],
    [4],
  ]),
  convolution('convTranspose2d', (x, w, b) => ops.convTranspose2d(x, w, b, { stride: 2 }), [
    [2, 3, 4, 3],
    [3, 3, 4, 3],
    [4],
  ]),
  convolution('conv1d', (x, w, b) => ops.conv1d(x, w, b, { padding: 1 }), [[2, 7, 3], [3, 3, 4], [4]]),
];

const POOLS: GradcheckCase[] = [
  one('maxPool2d', (x) => ops.maxPool2d(x, { kernelSize: 2, stride: 2, padding: 1 }), spaced(IMAGES)),
  one('maxPool1d', (x) => ops.maxPool1d(x, { kernelSize: 3, stride: 2 }), spaced([2, 9, 3])),
  one('avgPool2d', (x) => ops.avgPool2d(x, { kernelSize: 3, stride: 2, padding: 1 }), IMAGES, LINEAR),
  one('avgPool1d', (x) => ops.avgPool1d(x, { kernelSize: 3, stride: 2 }), [2, 9, 3], LINEAR),
  one('adaptiveAvgPool2d', (x) => ops.adaptiveAvgPool2d(x, [2, 3]), IMAGES, LINEAR),
  one('globalAvgPool2d', ops.globalAvgPool2d, IMAGES, LINEAR),
  one('globalMaxPool2d', ops.globalMaxPool2d, spaced(IMAGES)),
  one('channelPool2d', ops.channelPool2d, spaced(IMAGES)),
  {
    name: 'squeezeExcitation',
    names: ['x', 'w1', 'b1', 'w2', 'b2'],
    inputs: [[2, 5, 6, 4], [1, 1, 4, 3], [3], [1, 1, 3, 4], [4]],
    f: (x, w1, b1, w2, b2) => squeezeExcitation(x, { w1, b1, w2, b2 }, 'silu'),
  },
];

function batchNorm(training: boolean): GradcheckCase {
  return {
    name: training ? 'batchNorm2d' : 'batchNorm2d-evaluation',
    names: ['x', 'weight', 'bias'],
    inputs: [[2, 5, 6, 4], positive([4]), [4]],
    f: (x, weight, bias) => {
      // Made anew each time, as training moves them on.
      const [runningMean, runningVar] = [tensor(x.gpu, [0.1, -0.2, 0.3, 0]), tensor(x.gpu, [1, 2, 0.5, 1])];
      return ops.batchNorm2d(x, { weight, bias, runningMean, runningVar, training, momentum: 0.1, eps: 1e-5 });
    },
  };
}

const NORMALISATIONS: GradcheckCase[] = [
  batchNorm(true),
  batchNorm(false),
  {
    ...{ name: 'groupNorm', names: ['x', 'weight', 'bias'], inputs: [[2, 5, 6, 4], positive([4]), [4]] },
    f: (x, weight, bias) => ops.groupNorm(x, 2, { weight, bias }),
  },
  {
    ...{ name: 'layerNorm', names: ['x', 'weight', 'bias'], inputs: [[7, 6], positive([6]), [6]] },
    f: (x, weight, bias) => ops.layerNorm(x, 6, { weight, bias }),
  },
  one('softmax', ops.softmax, LOGITS),
  one('logSoftmax', ops.logSoftmax, LOGITS),
  one('normalizeRows', ops.normalizeRows, LOGITS, { step: 3e-3, absolute: 3e-3 }),
];

const SHAPES: GradcheckCase[] = [
  one('sum', (x) => ops.sum(x, [1, 3]), IMAGES, LINEAR),
  one('mean', (x) => ops.mean(x, [1, 3]), IMAGES, LINEAR),
  one('max', (x) => ops.max(x, 1), spaced(IMAGES)),
  one('reshape', (x) => ops.reshape(x, [6, -1]), IMAGES, LINEAR),
  one('flatten', (x) => ops.flatten(x), IMAGES, LINEAR),
  one('permute', (x) => ops.permute(x, [0, 3, 1, 2]), IMAGES, LINEAR),
  one('transpose', (x) => ops.transpose(x, 1, 2), IMAGES, LINEAR),
  one('slice', (x) => ops.slice(x, [{}, { start: 1 }, { step: 2 }]), IMAGES, LINEAR),
  one(
    'pad',
    (x) =>
      ops.pad(x, [
        [0, 0],
        [1, 2],
      ]),
    IMAGES,
    LINEAR,
  ),
  one('pad2d', (x) => ops.pad2d(x, 2, { mode: 'reflect' }), IMAGES, LINEAR),
  two('concat', (a, b) => ops.concat([a, b], 1), [IMAGES, [2, 3, 6, 3]], LINEAR),
  one('indexSelect', (x) => ops.indexSelect(x, 1, indices(x.gpu, [3, 0, 3])), IMAGES, LINEAR),
  one('interpolate', (x) => ops.interpolate(x, { scaleFactor: 2, mode: 'bilinear' }), IMAGES, LINEAR),
  one('dropout', (x) => ops.dropout(x, 0.3, true), IMAGES, LINEAR),
  one('stochasticDepth', (x) => ops.stochasticDepth(x, 0.3, true), [6, 3, 4, 2], LINEAR),
];

const OF_LABELS: GradcheckCase[] = [
  one('crossEntropy', (x) => ops.crossEntropy(x, labels(x)), LOGITS),
  one('nllLoss', (x) => ops.nllLoss(x, labels(x)), LOGITS, LINEAR),
  one('softmaxLoss', (x) => ops.softmaxLoss(x, labels(x), { gamma: 2, labelSmoothing: 0.1, scale: 2 }), LOGITS),
  one('pairwiseDistances', ops.pairwiseDistances, [6, 4], { absolute: 3e-3 }),
  one('batchHardTriplet', (x) => ops.batchHardTriplet(x, pairs(x), { margin: 1 }), [6, 4], {
    step: 2e-3,
    absolute: 3e-3,
  }),
  one('supervisedContrastive', (x) => ops.supervisedContrastive(x, pairs(x), { temperature: 0.5 }), [6, 4], {
    ...{ step: 5e-3, absolute: 3e-3 },
  }),
];

/** A case for each operation that has a rule, by the name of its function. */
export const OPERATIONS: readonly GradcheckCase[] = [
  ...ELEMENTWISE,
  ...PRODUCTS,
  ...POOLS,
  ...NORMALISATIONS,
  ...SHAPES,
  ...OF_LABELS,
];
