import {
  abs,
  adaptiveAvgPool2d,
  add,
  addRelu,
  avgPool2d,
  batchNorm2d,
  bmm,
  channelPool2d,
  clamp,
  concat,
  conv2d,
  convTranspose2d,
  crossEntropy,
  div,
  dropout,
  exp,
  flatten,
  type Gpu,
  gelu,
  globalAvgPool2d,
  globalMaxPool2d,
  groupNorm,
  gt,
  indexSelect,
  indices,
  interpolate,
  layerNorm,
  leakyRelu,
  linear,
  log,
  logSoftmax,
  matmul,
  max,
  maximum,
  maxPool2d,
  mean,
  minimum,
  mul,
  neg,
  nllLoss,
  pad,
  pad2d,
  permute,
  pow,
  relu,
  reshape,
  type Shape,
  scale,
  sigmoid,
  silu,
  slice,
  softmax,
  softmaxLoss,
  sqrt,
  stochasticDepth,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  transpose,
  where,
} from '../../../src/node.ts';

/** A device, once it is open. */
interface Held {
  readonly gpu: Gpu;
}

/** An operation of inputs of which some have no elements. */
export interface Case {
  name: string;
  shapes: readonly Shape[];
  run: (inputs: readonly Tensor[]) => Tensor;
  /** Shape of the output. */
  shape: Shape;
  /** The output where it has elements. PyTorch's: a sum of nothing is 0, a mean of nothing NaN. */
  value?: number;
}

/** A batch norm of four channels in evaluation. */
export function batchNorm({ gpu }: Held, x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [runningMean, runningVar] = [tensor(gpu, [0, 1, 2, 3]), tensor(gpu, [1, 2, 3, 4])];
  const settings = { weight, bias, runningMean, runningVar, training: false, momentum: 0.1, eps: 1e-5 };
  return batchNorm2d(x, settings);
}

/** All operations that take tensors of no elements. */
export function emptyCases(held: Held): readonly Case[] {
  const IMAGES = [0, 6, 5, 4];

  const one = (name: string, run: (x: Tensor) => Tensor, shape: Shape = IMAGES, input: Shape = IMAGES): Case => ({
    ...{ name, shape, shapes: [input] },
    run: ([x]) => run(x),
  });
  const labels = () => indices(held.gpu, []);
  const FUNCTIONS: readonly [string, (x: Tensor) => Tensor][] = [
    ['neg', neg],
    ['exp', exp],
    ['log', log],
    ['sqrt', sqrt],
    ['abs', abs],
    ['tanh', tanh],
    ['clamp', (x) => clamp(x, { min: 0 })],
    ['gelu by tanh', (x) => gelu(x, { approximate: 'tanh' })],
    ['pow by a number', (x) => pow(x, 3)],
  ];
  const PAIRS: readonly [string, (a: Tensor, b: Tensor) => Tensor][] = [
    ['add', add],
    ['sub', sub],
    ['mul', mul],
    ['div', div],
    ['pow', pow],
    ['maximum', maximum],
    ['minimum', minimum],
  ];

  return [
    one('relu', relu),
    one('leakyRelu', (x) => leakyRelu(x)),
    one('gelu', (x) => gelu(x)),
    one('silu', silu),
    one('sigmoid', sigmoid),
    one('scale', (x) => scale(x, 3)),
    { name: 'add', shapes: [IMAGES, IMAGES], shape: IMAGES, run: ([a, b]) => add(a, b) },
    { name: 'add of a bias', shapes: [IMAGES, [4]], shape: IMAGES, run: ([a, b]) => add(a, b) },
    { name: 'add of a bias of 3', shapes: [[0, 3], [3]], shape: [0, 3], run: ([a, b]) => add(a, b) },
    { name: 'addRelu', shapes: [IMAGES, IMAGES], shape: IMAGES, run: ([a, b]) => addRelu(a, b) },
    { name: 'mul', shapes: [IMAGES, [0, 1, 1, 4]], shape: IMAGES, run: ([a, b]) => mul(a, b) },
    { name: 'mul with channels', shapes: [IMAGES, [4]], shape: IMAGES, run: ([a, b]) => mul(a, b) },
    { name: 'mul with a number', shapes: [IMAGES, []], shape: IMAGES, run: ([a, b]) => mul(a, b) },
    { ...one('sum', (x) => sum(x), []), value: 0 },
    { ...one('mean', (x) => mean(x), []), value: Number.NaN },
    one('reshape', (x) => reshape(x, [5, 0]), [5, 0]),
    one('flatten', (x) => flatten(x), [0, 120]),
    ...FUNCTIONS.map(([name, f]) => one(name, f)),
    ...PAIRS.flatMap(([name, f]): Case[] => [
      { name, shapes: [IMAGES, IMAGES], shape: IMAGES, run: ([a, b]) => f(a, b) },
      { name: `${name} of channels`, shapes: [IMAGES, [4]], shape: IMAGES, run: ([a, b]) => f(a, b) },
      {
        name: `${name}, both repeated`,
        shapes: [
          [0, 1, 3],
          [2, 1],
        ],
        shape: [0, 2, 3],
        run: ([a, b]) => f(a, b),
      },
      {
        name: `${name} of one and none`,
        shapes: [
          [1, 3],
          [0, 1],
        ],
        shape: [0, 3],
        run: ([a, b]) => f(a, b),
      },
    ]),
    {
      ...{ name: 'where', shapes: [IMAGES, [4]], shape: IMAGES },
      run: ([a, b]) => where(gt(tensor(held.gpu, [1, 0, 1, 0]), 0), a, b),
    },
    { ...one('sum over rows', (x) => sum(x, 0), [6, 5, 4]), value: 0 },
    { ...one('mean over rows', (x) => mean(x, 0, { keepdim: true }), [1, 6, 5, 4]), value: Number.NaN },
    { ...one('sum over the ends', (x) => sum(x, [0, 3]), [6, 5]), value: 0 },
    { ...one('mean over the ends', (x) => mean(x, [0, 3]), [6, 5]), value: Number.NaN },
    one('sum over columns', (x) => sum(x, [1, 2]), [0, 4]),
    one('mean over columns', (x) => mean(x, [1, 2]), [0, 4]),
    one('max over a dimension', (x) => max(x, 1), [0, 5, 4]),
    one('max over dimensions', (x) => max(x, [1, 3]), [0, 5]),
    one('permute', (x) => permute(x, [0, 3, 1, 2]), [0, 4, 6, 5]),
    one('transpose', (x) => transpose(x, 0, 2), [5, 6, 0, 4]),
    one('flatten of all', (x) => flatten(x, 0), [0]),
    one('indexSelect of none', (x) => indexSelect(x, 0, labels()), [0, 4], [3, 4]),
    one('indexSelect beside none', (x) => indexSelect(x, 1, indices(held.gpu, [2, 2])), [0, 2, 5, 4]),
    {
      name: 'bmm',
      shapes: [
        [0, 3, 5],
        [0, 5, 4],
      ],
      shape: [0, 3, 4],
      run: ([a, b]) => bmm(a, b),
    },
    {
      name: 'bmm over nothing',
      shapes: [
        [2, 3, 0],
        [2, 0, 4],
      ],
      shape: [2, 3, 4],
      value: 0,
      run: ([a, b]) => bmm(a, b),
    },
    one('logSoftmax', logSoftmax, [0, 5], [0, 5]),
    { ...one('nllLoss', (x) => nllLoss(x, labels()), [], [0, 5]), value: Number.NaN },
    { ...one('nllLoss, summed', (x) => nllLoss(x, labels(), { reduction: 'sum' }), [], [0, 5]), value: 0 },
    { ...one('nllLoss, ignoring', (x) => nllLoss(x, labels(), { ignoreIndex: 9 }), [], [0, 5]), value: Number.NaN },
    {
      ...one('crossEntropy, ignoring', (x) => crossEntropy(x, labels(), { ignoreIndex: 9 }), [], [0, 5]),
      value: Number.NaN,
    },
    one(
      'crossEntropy of each, ignoring',
      (x) => crossEntropy(x, labels(), { ignoreIndex: 9, reduction: 'none' }),
      [0],
      [0, 5],
    ),
    one('dropout', (x) => dropout(x, 0.5, true)),
    one('stochasticDepth', (x) => stochasticDepth(x, 0.5, true)),
    one('interpolate', (x) => interpolate(x, { scaleFactor: 2, mode: 'bilinear' }), [0, 12, 10, 4]),
    one('pad2d', (x) => pad2d(x, 1, { mode: 'reflect' }), [0, 8, 7, 4]),
    {
      name: 'groupNorm',
      shapes: [IMAGES, [4], [4]],
      shape: IMAGES,
      run: ([x, weight, bias]) => groupNorm(x, 2, { weight, bias }),
    },
    {
      name: 'layerNorm',
      shapes: [IMAGES, [4], [4]],
      shape: IMAGES,
      run: ([x, weight, bias]) => layerNorm(x, 4, { weight, bias }),
    },
    {
      ...{ name: 'convTranspose2d', shapes: [IMAGES, [3, 3, 8, 4], [8]], shape: [0, 13, 11, 8] },
      run: ([x, w, b]) => convTranspose2d(x, w, b, { stride: 2 }),
    },
    {
      ...{ name: 'conv2d with dilation', shapes: [IMAGES, [3, 3, 4, 8]], shape: IMAGES.with(3, 8) },
      run: ([x, w]) => conv2d(x, w, undefined, { padding: 'same', dilation: 2 }),
    },
    one('maxPool2d', (x) => maxPool2d(x, { kernelSize: 2 }), [0, 3, 2, 4]),
    one('maxPool2d of 3 channels', (x) => maxPool2d(x, { kernelSize: 2 }), [0, 3, 2, 3], [0, 6, 5, 3]),
    one('avgPool2d', (x) => avgPool2d(x, { kernelSize: 2 }), [0, 3, 2, 4]),
    one('adaptiveAvgPool2d', (x) => adaptiveAvgPool2d(x, 2), [0, 2, 2, 4]),
    one('globalAvgPool2d', globalAvgPool2d, [0, 4]),
    { ...one('globalAvgPool2d of no rows', globalAvgPool2d, [2, 4], [2, 0, 5, 4]), value: Number.NaN },
    one('globalMaxPool2d', globalMaxPool2d, [0, 4]),
    one('channelPool2d', channelPool2d, [0, 6, 5, 2]),
    one('slice', (x) => slice(x, [{}, { step: 2 }]), [0, 3, 5, 4]),
    one(
      'pad',
      (x) =>
        pad(x, [
          [0, 0],
          [1, 1],
        ]),
      [0, 8, 5, 4],
    ),
    { ...one('pad round nothing', (x) => pad(x, [[1, 2]]), [3, 2], [0, 2]), value: 0 },
    { name: 'concat', shapes: [IMAGES, [0, 6, 5, 3]], shape: [0, 6, 5, 7], run: (parts) => concat(parts) },
    {
      name: 'matmul',
      shapes: [
        [0, 8],
        [8, 4],
      ],
      shape: [0, 4],
      run: ([a, b]) => matmul(a, b),
    },
    {
      name: 'matmul over nothing',
      shapes: [
        [3, 0],
        [0, 4],
      ],
      shape: [3, 4],
      value: 0,
      run: ([a, b]) => matmul(a, b),
    },
    {
      name: 'matmul to nothing',
      shapes: [
        [3, 8],
        [8, 0],
      ],
      shape: [3, 0],
      run: ([a, b]) => matmul(a, b),
    },
    { name: 'linear', shapes: [[0, 8], [8, 4], [4]], shape: [0, 4], run: ([x, w, b]) => linear(x, w, b) },
    {
      ...{ name: 'batchNorm2d in evaluation', shapes: [IMAGES, [4], [4]], shape: IMAGES },
      run: ([x, weight, bias]) => batchNorm(held, x, weight, bias),
    },
    ...[1, 2, 4].map((groups) => ({
      ...{ name: `conv2d in ${groups} groups`, shapes: [IMAGES, [3, 3, 4 / groups, 8], [8]], shape: [0, 3, 3, 8] },
      run: ([x, w, b]: readonly Tensor[]) => conv2d(x, w, b, { padding: 1, stride: 2, groups }),
    })),
    {
      ...{ name: 'conv2d of 1 × 1', shapes: [IMAGES, [1, 1, 4, 8]], shape: [0, 6, 5, 8] },
      run: ([x, w]) => conv2d(x, w),
    },
    one('softmax', softmax, [0, 5], [0, 5]),
    { ...one('crossEntropy', (x) => crossEntropy(x, labels()), [], [0, 5]), value: Number.NaN },
    { ...one('crossEntropy, summed', (x) => crossEntropy(x, labels(), { reduction: 'sum' }), [], [0, 5]), value: 0 },
    one('crossEntropy of each', (x) => crossEntropy(x, labels(), { reduction: 'none' }), [0], [0, 5]),
    {
      ...one(
        'crossEntropy of distributions',
        (x) => crossEntropy(x, tensor(held.gpu, new Float32Array(0), [0, 5])),
        [],
      ),
      ...{ shapes: [[0, 5]], value: Number.NaN },
    },
    { ...one('softmaxLoss', (x) => softmaxLoss(x, labels(), { gamma: 2 }), [], [0, 5]), value: Number.NaN },
    {
      ...one('softmaxLoss by weights', (x) => softmaxLoss(x, labels(), { meanOver: 'weights' }), [], [0, 5]),
      value: Number.NaN,
    },
  ];
}
