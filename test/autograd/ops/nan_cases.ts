import {
  abs,
  adaptiveAvgPool2d,
  add,
  addRelu,
  avgPool2d,
  batchHardTriplet,
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
  type Gpu,
  gelu,
  globalMaxPool2d,
  groupNorm,
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
  normalizeRows,
  pad,
  pad2d,
  pairwiseDistances,
  permute,
  pow,
  relu,
  type Shape,
  sigmoid,
  silu,
  slice,
  softmax,
  softmaxLoss,
  sqrt,
  stochasticDepth,
  sub,
  sum,
  supervisedContrastive,
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

/** An operation that NaN goes through. */
export interface Case {
  name: string;
  /** The gradient tells places and signs of the input apart and nothing else of it: where the input is NaN, it passes. */
  passes?: boolean;
  shapes: readonly Shape[];
  run: (inputs: readonly Tensor[]) => Tensor;
}

/** Statistics of four channels that a batch norm goes by. */
export const statistics = ({ gpu }: Held) =>
  [tensor(gpu, [0.1, 0.2, -0.1, 0.3]), tensor(gpu, [1, 2, 0.5, 1.5])] as const;

/** All operations; those that draw give the same draw each time where the generator is set back. */
export function nanCases(held: Held): readonly Case[] {
  const labels = () => indices(held.gpu, [0, 1, 0, 1, 0, 1]);

  const IMAGES = [2, 5, 4, 4];
  const one = (name: string, run: (x: Tensor) => Tensor, shape: Shape = IMAGES, passes = false): Case => ({
    name,
    passes,
    shapes: [shape],
    run: ([x]) => run(x),
  });

  const FUNCTIONS: readonly [string, (x: Tensor) => Tensor][] = [
    ['neg', neg],
    ['exp', exp],
    // Of what is above 0, as they are NaN below it all by themselves.
    ['log', (x) => log(exp(x))],
    ['sqrt', (x) => sqrt(exp(x))],
    ['tanh', tanh],
    ['gelu by tanh', (x) => gelu(x, { approximate: 'tanh' })],
    ['pow', (x) => pow(x, 3)],
    ['pow by a fraction', (x) => pow(exp(x), 1.5)],
  ];

  /** `passes` as in a case. */
  const PAIRS: readonly [string, (a: Tensor, b: Tensor) => Tensor, boolean?][] = [
    ['add', add],
    ['sub', sub],
    ['mul', mul],
    ['div', div],
    ['pow', (a, b) => pow(exp(a), b)],
    ['maximum', maximum, true],
    ['minimum', minimum, true],
  ];

  return [
    one('relu', relu, IMAGES, true),
    one('leakyRelu', (x) => leakyRelu(x, 0.1), IMAGES, true),
    one('gelu', (x) => gelu(x)),
    one('silu', silu),
    one('sigmoid', sigmoid),
    { name: 'add', shapes: [IMAGES, IMAGES], run: ([a, b]) => add(a, b) },
    { name: 'addRelu', passes: true, shapes: [IMAGES, IMAGES], run: ([a, b]) => addRelu(a, b) },
    { name: 'mul, broadcast', shapes: [IMAGES, [4]], run: ([a, b]) => mul(a, b) },
    one('sum', (x) => sum(x)),
    one('mean', (x) => mean(x)),
    one('softmax', softmax, [3, 7]),
    ...FUNCTIONS.map(([name, f]) => one(name, f)),
    one('abs', abs, IMAGES, true),
    one('clamp', (x) => clamp(x, { min: -60, max: 60 }), IMAGES, true),
    ...PAIRS.flatMap(([name, f, passes]): Case[] => [
      { name, passes, shapes: [IMAGES, IMAGES], run: ([a, b]) => f(a, b) },
      {
        name: `${name}, broadcast`,
        passes,
        shapes: [
          [5, 1, 4],
          [2, 1, 4, 1],
        ],
        run: ([a, b]) => f(a, b),
      },
    ]),
    {
      ...{ name: 'where', passes: true, shapes: [IMAGES, [4]] },
      run: ([a, b]) => where(tensor(held.gpu, [1, 0, 1, 0]), a, b),
    },
    one('sum over axes', (x) => sum(x, [0, 2])),
    one('mean over axes', (x) => mean(x, [1, 3], { keepdim: true })),
    one('max over an axis', (x) => max(x, 1), IMAGES, true),
    one('max over axes', (x) => max(x, [0, 2])),
    one('permute', (x) => permute(x, [0, 3, 1, 2])),
    one('transpose', (x) => transpose(x, 1, 3)),
    one('indexSelect', (x) => indexSelect(x, 1, indices(held.gpu, [3, 0, 3]))),
    {
      name: 'bmm',
      shapes: [
        [2, 3, 5],
        [2, 5, 4],
      ],
      run: ([a, b]) => bmm(a, b),
    },
    one('logSoftmax', logSoftmax, [3, 7]),
    one('nllLoss', (x) => nllLoss(x, labels(), { ignoreIndex: 9 }), [6, 5], true),
    one(
      'crossEntropy, ignoring',
      (x) => crossEntropy(x, indices(held.gpu, [0, 9, 1, 9, 2, 3]), { ignoreIndex: 9 }),
      [6, 5],
    ),
    one('dropout', (x) => dropout(x, 0.5, true)),
    one('stochasticDepth', (x) => stochasticDepth(x, 0.5, true)),
    one('maxPool2d', (x) => maxPool2d(x, { kernelSize: 3, stride: 2, padding: 1 }), IMAGES, true),
    one('maxPool2d of 3 channels', (x) => maxPool2d(x, { kernelSize: 2, stride: 1 }), [1, 4, 3, 3], true),
    one('avgPool2d', (x) => avgPool2d(x, { kernelSize: 2, stride: 2 })),
    one('adaptiveAvgPool2d', (x) => adaptiveAvgPool2d(x, [2, 3])),
    one('channelPool2d', channelPool2d, IMAGES, true),
    one('maxPool2d with dilation', (x) => maxPool2d(x, { kernelSize: 2, stride: 1, dilation: 2 }), IMAGES, true),
    one('avgPool2d in ceil mode', (x) => avgPool2d(x, { kernelSize: 3, padding: 1, ceilMode: true })),
    ...(['constant', 'reflect', 'replicate'] as const).map((mode) =>
      one(`pad2d, ${mode}`, (x) => pad2d(x, [1, 2, 3, 0], { mode })),
    ),
    one('interpolate by the nearest', (x) => interpolate(x, { scaleFactor: 1.5 })),
    one('interpolate, bilinear', (x) => interpolate(x, { scaleFactor: 1.5, mode: 'bilinear' })),
    { name: 'groupNorm', shapes: [IMAGES, [4], [4]], run: ([x, weight, bias]) => groupNorm(x, 2, { weight, bias }) },
    { name: 'layerNorm', shapes: [IMAGES, [4], [4]], run: ([x, weight, bias]) => layerNorm(x, 4, { weight, bias }) },
    {
      name: 'conv2d with dilation',
      shapes: [IMAGES, [2, 2, 4, 8]],
      run: ([x, w]) => conv2d(x, w, undefined, { padding: 'same', dilation: 2 }),
    },
    {
      name: 'convTranspose2d',
      shapes: [IMAGES, [3, 3, 8, 4], [8]],
      run: ([x, w, b]) => convTranspose2d(x, w, b, { stride: 2, padding: 1, outputPadding: 1 }),
    },
    one('globalMaxPool2d', globalMaxPool2d, IMAGES, true),
    one('slice', (x) => slice(x, [{}, { start: 1, end: 4 }, { step: 2 }])),
    one('pad', (x) =>
      pad(x, [
        [0, 0],
        [1, 1],
        [0, 2],
        [0, 0],
      ]),
    ),
    {
      name: 'concat',
      shapes: [
        [2, 3],
        [2, 2],
      ],
      run: ([a, b]) => concat([a, b], 1),
    },
    {
      name: 'matmul',
      shapes: [
        [3, 8],
        [8, 4],
      ],
      run: ([a, b]) => matmul(a, b),
    },
    { name: 'linear', shapes: [[3, 8], [8, 5], [5]], run: ([x, w, b]) => linear(x, w, b) },
    {
      name: 'batchNorm2d in training, with ReLU',
      passes: true,
      shapes: [IMAGES, [4], [4]],
      run: ([x, w, b]) => {
        const [runningMean, runningVar] = statistics(held);
        return batchNorm2d(x, {
          ...{ weight: w, bias: b, runningMean, runningVar, training: true },
          momentum: 0.1,
          eps: 1e-5,
          activation: 'relu',
        });
      },
    },
    {
      name: 'batchNorm2d in evaluation, with ReLU',
      passes: true,
      shapes: [IMAGES, [4], [4]],
      run: ([x, w, b]) => {
        const [runningMean, runningVar] = statistics(held);
        return batchNorm2d(x, {
          ...{ weight: w, bias: b, runningMean, runningVar, training: false },
          momentum: 0.1,
          eps: 1e-5,
          activation: 'relu',
        });
      },
    },
    ...[1, 2, 4].map((groups) => ({
      name: `conv2d in ${groups} groups`,
      shapes: [IMAGES, [3, 3, 4 / groups, 8], [8]],
      run: ([x, w, b]: readonly Tensor[]) => conv2d(x, w, b, { padding: 1, stride: 2, groups }),
    })),
    {
      name: 'conv2d, depthwise',
      shapes: [IMAGES, [3, 3, 1, 4]],
      run: ([x, w]) => conv2d(x, w, undefined, { padding: 1, groups: 4 }),
    },
    one('crossEntropy', (x) => crossEntropy(x, labels()), [6, 5]),
    one('softmaxLoss', (x) => softmaxLoss(x, labels(), {}), [6, 5]),
    one('softmaxLoss, focal', (x) => softmaxLoss(x, labels(), { gamma: 2, labelSmoothing: 0.1 }), [6, 5]),
    one('normalizeRows', (x) => normalizeRows(x), [4, 6]),
    one('pairwiseDistances', pairwiseDistances, [4, 3]),
    one('supervisedContrastive', (x) => supervisedContrastive(x, labels(), { temperature: 0.5 }), [6, 4]),
    one('batchHardTriplet', (x) => batchHardTriplet(x, labels(), { margin: 0.5, reduction: 'none' }), [6, 6]),
  ];
}
