import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../src/autograd/tensor.ts';
import {
  adaptiveAvgPool2d,
  add,
  avgPool2d,
  batchNorm2d,
  bmm,
  channelPool2d,
  concat,
  conv2d,
  convTranspose2d,
  globalMaxPool2d,
  groupNorm,
  indexSelect,
  indices,
  interpolate,
  layerNorm,
  logSoftmax,
  matmul,
  max,
  maxPool2d,
  mean,
  mul,
  normalizeRows,
  oneHot,
  pad2d,
  pairwiseDistances,
  permute,
  relu,
  reshape,
  type Shape,
  softmax,
  sum,
  type Tensor,
  tensor,
  transpose,
} from '../../src/node.ts';
import { randomValues, useGpu } from '../gpu.ts';

const held = useGpu();

/** More than the 65,535 workgroups that a dimension of a dispatch may have. */
const MANY = 65_543;
/** Rows after which a long input repeats itself. MANY is no multiple of it, so the last rows are others than the first. */
const PERIOD = 5;

interface Long {
  name: string;
  /** With -1 where the long dimension stands. */
  shape: readonly number[];
  /** Each row along the long dimension depends on that row alone; weights are the caller's. */
  op: (x: Tensor) => Tensor;
  /** Its backward takes a time that grows with the square of the length. */
  forwardOnly?: boolean;
  /** The dimension of the result that is as long. Default: as in the shape. */
  along?: number;
}

function weight(shape: Shape, seed: number): Tensor {
  return tensor(held.gpu, randomValues(sizeOf(shape), seed), shape);
}

const perChannel = (channels: number) => weight([channels], 3);

function batchNorm(x: Tensor): Tensor {
  const channels = x.shape[3];
  const of = (value: number) => tensor(held.gpu, new Float32Array(channels).fill(value), [channels]);
  const running = { runningMean: of(0), runningVar: of(1), training: true, momentum: 0.1, eps: 1e-5 };
  return batchNorm2d(x, { weight: of(1), bias: of(0.5), ...running });
}

const LONG: readonly Long[] = [
  { name: 'relu', shape: [-1, 3], op: relu },
  { name: 'softmax', shape: [-1, 3], op: softmax },
  { name: 'logSoftmax', shape: [-1, 3], op: logSoftmax },
  { name: 'layerNorm', shape: [-1, 4], op: (x) => layerNorm(x, [4]) },
  { name: 'normalizeRows', shape: [-1, 3], op: normalizeRows },
  { name: 'matmul', shape: [-1, 4], op: (x) => matmul(x, weight([4, 3], 1)) },
  { name: 'matmul of odd sizes', shape: [-1, 3], op: (x) => matmul(x, weight([3, 5], 1)) },
  { name: 'matmul with many columns', shape: [3, -1], op: (x) => matmul(weight([4, 3], 1), x) },
  { name: 'bmm', shape: [-1, 2, 3], op: (x) => bmm(x, reshape(concat([x, x], 1), [x.shape[0], 3, 4])) },
  { name: 'transpose of many rows', shape: [-1, 3], op: (x) => transpose(x, 0, 1), along: 1 },
  { name: 'transpose of many columns', shape: [3, -1], op: (x) => transpose(x, 0, 1), along: 0 },
  { name: 'permute', shape: [-1, 2, 3], op: (x) => permute(x, [0, 2, 1]) },
  { name: 'sum of each row', shape: [-1, 3], op: (x) => sum(x, 1) },
  { name: 'sum of each column', shape: [3, -1], op: (x) => sum(x, 0), along: 0 },
  { name: 'mean of each row', shape: [-1, 3], op: (x) => mean(x, 1) },
  { name: 'max of each row', shape: [-1, 3], op: (x) => max(x, 1) },
  { name: 'concat', shape: [-1, 3], op: (x) => concat([x, x], 1) },
  {
    name: 'indexSelect',
    forwardOnly: true,
    shape: [-1, 3],
    op: (x) =>
      indexSelect(
        x,
        0,
        indices(
          held.gpu,
          Uint32Array.from({ length: x.shape[0] }, (_, i) => i),
        ),
      ),
  },
  { name: 'conv2d of a large batch', shape: [-1, 2, 2, 3], op: (x) => conv2d(x, weight([2, 2, 3, 4], 1)) },
  { name: 'conv2d of 1×1', shape: [-1, 1, 1, 4], op: (x) => conv2d(x, weight([1, 1, 4, 4], 1)) },
  {
    name: 'depthwise conv2d',
    shape: [-1, 2, 2, 4],
    op: (x) => conv2d(x, weight([2, 2, 1, 4], 1), undefined, { groups: 4 }),
  },
  { name: 'conv2d of tall images', shape: [1, -1, 2, 4], op: (x) => conv2d(x, weight([1, 2, 4, 4], 1)) },
  { name: 'conv2d of wide images', shape: [1, 2, -1, 4], op: (x) => conv2d(x, weight([2, 1, 4, 4], 1)) },
  { name: 'convTranspose2d', shape: [-1, 1, 1, 4], op: (x) => convTranspose2d(x, weight([2, 2, 4, 4], 1)) },
  { name: 'maxPool2d of a large batch', shape: [-1, 2, 2, 3], op: (x) => maxPool2d(x, { kernelSize: 2 }) },
  { name: 'maxPool2d of tall images', shape: [1, -1, 2, 1], op: (x) => maxPool2d(x, { kernelSize: [1, 2] }) },
  { name: 'maxPool2d of wide images', shape: [1, 2, -1, 1], op: (x) => maxPool2d(x, { kernelSize: [2, 1] }) },
  { name: 'maxPool2d of many channels', shape: [1, 2, 2, -1], op: (x) => maxPool2d(x, { kernelSize: 2 }) },
  { name: 'avgPool2d', shape: [-1, 2, 2, 3], op: (x) => avgPool2d(x, { kernelSize: 2 }) },
  { name: 'adaptiveAvgPool2d', shape: [-1, 2, 2, 3], op: (x) => adaptiveAvgPool2d(x, 1) },
  { name: 'globalMaxPool2d', shape: [-1, 2, 2, 3], op: globalMaxPool2d },
  { name: 'channelPool2d', shape: [-1, 2, 2, 3], op: channelPool2d },
  {
    name: 'groupNorm of a large batch',
    shape: [-1, 2, 2, 4],
    op: (x) => groupNorm(x, 2, { weight: perChannel(4), bias: perChannel(4) }),
  },
  { name: 'batchNorm2d of many channels', shape: [2, 2, 2, -1], op: (x) => batchNorm(x) },
  { name: 'pad2d', shape: [-1, 2, 2, 3], op: (x) => pad2d(x, 1) },
  { name: 'interpolate', shape: [-1, 2, 2, 3], op: (x) => interpolate(x, { scaleFactor: 2 }) },
];

/** Values that repeat after PERIOD rows along the long dimension. */
function repeating(shape: Shape, along: number, period: Float32Array): Float32Array {
  const inner = sizeOf(shape.slice(along + 1));
  const rows = shape[along];
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
    const row = Math.floor(i / inner) % rows;
    const outer = Math.floor(i / (inner * rows));
    return period[(outer * PERIOD + (row % PERIOD)) * inner + (i % inner)];
  });
}

/** Result, and gradient for the result's own elements as weights, with the long dimension of this length. */
async function outcome({ op, shape, forwardOnly = false }: Long, rows: number, period: Float32Array) {
  const { gpu } = held;
  const along = shape.indexOf(-1);
  const whole = shape.map((size) => (size === -1 ? rows : size));
  return gpu.scope(async () => {
    const x = tensor(gpu, rows === PERIOD ? period : repeating(whole, along, period), whole, {
      requiresGrad: !forwardOnly,
    });
    const y = op(x);
    if (!forwardOnly) sum(mul(y, y)).backward();
    return { y: await y.data(), shape: y.shape, dx: await x.grad?.data(), x: whole };
  });
}

function expectRepeats(long: Float32Array, shape: Shape, along: number, short: Float32Array, what: string) {
  const expected = repeating(shape, along, short);
  expect(long.length, what).toBe(expected.length);
  let worst = 0;
  let at = -1;
  for (let i = 0; i < long.length; i++) {
    const error = Math.abs(long[i] - expected[i]);
    if (error <= worst) continue;
    worst = error;
    at = i;
  }
  // Other versions of a kernel may add in another order; values are of the order of 1.
  expect(worst, `${what}, element ${at} of [${shape}]`).toBeLessThan(1e-4);
  expect(long.some(Number.isNaN), what).toBe(false);
}

describe('more rows than a dimension of a dispatch has workgroups', () => {
  it.each(LONG)('$name: as of few rows, forward and backward', async (long) => {
    const along = long.shape.indexOf(-1);
    const period = randomValues(sizeOf(long.shape.map((size) => (size === -1 ? PERIOD : size))), 5);
    const short = await outcome(long, PERIOD, period);
    const found = await outcome(long, MANY, period);
    expectRepeats(found.y, found.shape, long.along ?? along, short.y, 'result');
    if (found.dx && short.dx) expectRepeats(found.dx, found.x, along, short.dx, 'gradient');
    else expect(long.forwardOnly).toBe(true);
  });
});

/** Operations on small tensors whose results no array holds. */
const HUGE: Record<string, () => unknown> = {
  'add by broadcasting': () => add(weight([MANY, 1], 1), weight([1, MANY], 1)),
  'matmul, an outer product': () => matmul(weight([MANY, 1], 1), weight([1, MANY], 1)),
  bmm: () => bmm(weight([4, MANY, 1], 1), weight([4, 1, MANY], 1)),
  pad2d: () => pad2d(weight([1, 2, 2, 3], 1), MANY),
  interpolate: () => interpolate(weight([1, 2, 2, 3], 1), { scaleFactor: MANY }),
  'interpolate to a size': () => interpolate(weight([1, 2, 2, 3], 1), { size: [MANY, MANY] }),
  'conv2d with padding': () => conv2d(weight([1, 2, 2, 4], 1), weight([1, 1, 4, 4], 1), undefined, { padding: MANY }),
  'convTranspose2d with a stride': () =>
    convTranspose2d(weight([1, 3, 3, 4], 1), weight([1, 1, 4, 4], 1), undefined, { stride: MANY }),
  adaptiveAvgPool2d: () => adaptiveAvgPool2d(weight([1, 2, 2, 4], 1), MANY),
  oneHot: () => oneHot(indices(held.gpu, new Uint32Array(MANY)), MANY),
  pairwiseDistances: () => pairwiseDistances(weight([MANY, 1], 1)),
  'a tensor of 2³¹ elements': () => held.gpu.alloc(2 ** 31, 'f32', 'huge'),
  'a tensor of 2³² + 1 elements, 4 bytes by 32-bit arithmetic': () => held.gpu.alloc(2 ** 32 + 1, 'f32', 'huge'),
  'a tensor of one element more than a binding takes': () =>
    held.gpu.alloc(held.gpu.limits.arrayBytes / 4 + 1, 'f32', 'huge'),
};

describe('a result that no binding holds', () => {
  it.each(Object.entries(HUGE))(
    '%s: is refused in a sentence before anything runs, and the device lives',
    async (_, op) => {
      const { gpu } = held;
      let caught: unknown;
      const started = performance.now();
      try {
        gpu.scope(() => void op());
      } catch (error) {
        caught = error;
      }
      expect(caught === undefined ? 'nothing thrown' : (caught as Error).name).toMatch(
        /^(ShapeError|OutOfMemoryError)$/,
      );
      expect((caught as Error).message).toMatch(/^[^\n]+\.$/);
      expect(performance.now() - started).toBeLessThan(5000);
      const doubled = gpu.scope(() => add(weight([4], 1), weight([4], 1)).data());
      expect(await doubled).toEqual(randomValues(4, 1).map((value) => 2 * value));
    },
  );
});
