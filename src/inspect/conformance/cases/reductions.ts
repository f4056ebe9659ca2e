import { channelPool, channelPoolGrad, maxAxes, reduceMax, reduceMaxGrad } from '../../../kernels/attention_pools.ts';
import {
  addBroadcast,
  type Extent,
  expandAxes,
  mulBroadcast,
  sumAxes,
  sumProducts,
} from '../../../kernels/broadcast.ts';
import { denseStrides } from '../../../kernels/dimensions.ts';
import { exact, type KernelCase, type KernelFamily, product, Sums } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';

/** Where each element of a shape goes when some of its dimensions become 1, and the new count. */
function reducedPlaces(shape: readonly number[], axes: readonly number[]) {
  const reduced = shape.map((_, d) => axes.includes(d));
  const small = shape.map((size, d) => (reduced[d] ? 1 : size));
  const [inner, own] = [denseStrides(shape), denseStrides(small)];
  const at = (i: number) =>
    shape.reduce((place, size, d) => place + (reduced[d] ? 0 : own[d] * (Math.floor(i / inner[d]) % size)), 0);
  return { reduced, at, count: product(small) };
}

type Axes = readonly [shape: readonly number[], axes: readonly number[]];

const SUMMED: readonly Axes[] = [
  [[7], [0]],
  [[3, 130], [1]],
  [[130, 3], [0]],
  [[130, 8], [0]],
  [
    [2, 3, 5, 4],
    [1, 2],
  ],
  [
    [2, 3, 5, 4],
    [0, 2],
  ],
  [
    [2, 3, 5, 4],
    [0, 3],
  ],
  [
    [2, 3, 5, 4],
    [0, 1, 2, 3],
  ],
  [
    [2, 1, 5],
    [0, 2],
  ],
  [
    [2, 3, 1, 5, 1, 3],
    [1, 2, 5],
  ],
  [[5, 1], [1]],
  [
    [1, 1],
    [0, 1],
  ],
  [[4, 64, 64], [1]],
  [[70_001], [0]],
];

const sumCase = ([shape, axes]: Axes): KernelCase => ({
  name: `sum of [${shape}] over ${axes.join(', ')}, and back`,
  quick: product(shape) >= 120,
  prepare() {
    const { reduced, at, count } = reducedPlaces(shape, axes);
    const factor = axes.every((d) => shape[d] === 1) ? 1 : 0.5;
    const x = randomValues(product(shape), 1);
    const sums = new Sums(count);
    x.forEach((v, i) => {
      sums.add(at(i), factor * v);
    });
    const { values, magnitudes, terms } = sums;
    const dy = randomValues(count, 2);
    const dx = x.map((_, i) => factor * dy[at(i)]);
    return (gpu) => [
      { name: 'y', run: () => sumAxes(gpu.upload(x, 'x'), shape, reduced, factor), values, magnitudes, terms },
      { name: 'dx', run: () => expandAxes(gpu.upload(dy, 'dy'), shape, reduced, factor), ...exact(dx) },
    ];
  },
});

const EXTENTS: readonly Extent[] = [
  { outer: 1, repeat: 1, inner: 1 },
  { outer: 3, repeat: 7, inner: 5 },
  { outer: 2, repeat: 130, inner: 8 },
  { outer: 5, repeat: 64, inner: 1 },
  { outer: 1, repeat: 300, inner: 3 },
];

const extentName = ({ outer, repeat, inner }: Extent) => `[${outer}, ${repeat}, ${inner}]`;

const broadcastCase = (extent: Extent): KernelCase => ({
  name: `an array of ${extentName(extent)} and a smaller one`,
  quick: true,
  prepare() {
    const { outer, repeat, inner } = extent;
    const [a, b] = [randomValues(outer * repeat * inner, 1), randomValues(outer * inner, 2)];
    const other = randomValues(a.length, 3);
    const at = (i: number) => Math.floor(i / (repeat * inner)) * inner + (i % inner);
    const sums = new Sums(b.length);
    a.forEach((v, i) => {
      sums.add(at(i), v * other[i]);
    });
    const { values, magnitudes, terms } = sums;
    return (gpu) => {
      const [ga, gb, go] = [a, b, other].map((array) => gpu.upload(array, 'check'));
      return [
        { name: 'a + b', run: () => addBroadcast(ga, gb, extent), values: Array.from(a, (v, i) => v + b[at(i)]) },
        { name: 'a · b', run: () => mulBroadcast(ga, gb, extent), values: Array.from(a, (v, i) => v * b[at(i)]) },
        { name: 'Σ a · c', run: () => sumProducts(ga, go, extent), values, magnitudes, terms },
      ];
    };
  },
});

export const BROADCAST: KernelFamily = {
  kernels: 'broadcast',
  cases: [...SUMMED.map(sumCase), ...EXTENTS.map(broadcastCase)],
};

const maxCase = (extent: Extent): KernelCase => ({
  name: `the first largest of ${extentName(extent)}`,
  quick: true,
  prepare() {
    const { outer, repeat, inner } = extent;
    // Quarters give ties.
    const x = randomValues(outer * repeat * inner, 1).map((v) => Math.round(4 * v) / 4);
    const dy = randomValues(outer * inner, 2);
    const best = new Float32Array(outer * inner);
    const place = new Uint32Array(outer * inner);
    const dx = new Float32Array(x.length);
    for (let i = 0; i < best.length; i++) {
      const at = (r: number) => (Math.floor(i / inner) * repeat + r) * inner + (i % inner);
      for (let r = 1; r < repeat; r++) if (x[at(r)] > x[at(place[i])]) place[i] = r;
      best[i] = x[at(place[i])];
      dx[at(place[i])] = dy[i];
    }
    return (gpu) => {
      const found = () => reduceMax(gpu.upload(x, 'x'), extent);
      return [
        { name: 'y', run: () => found().y, ...exact(best) },
        { name: 'winner', run: () => found().winner, ...exact(place) },
        {
          name: 'dx',
          run: () => reduceMaxGrad(gpu.upload(dy, 'dy'), gpu.upload(place, 'winner'), extent),
          ...exact(dx),
        },
      ];
    };
  },
});

const LARGEST: readonly Axes[] = [
  [[7], [0]],
  [
    [2, 3, 5, 4],
    [0, 2],
  ],
  [
    [2, 3, 5, 4],
    [1, 2, 3],
  ],
  // In slices, and these again.
  [[70_001], [0]],
  [[3, 1000, 2], [1]],
];

const largestCase = ([shape, axes]: Axes): KernelCase => ({
  name: `the largest of [${shape}] over ${axes.join(', ')}`,
  quick: true,
  prepare() {
    const { reduced, at, count } = reducedPlaces(shape, axes);
    const x = randomValues(product(shape), 1);
    const values = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
    x.forEach((v, i) => {
      values[at(i)] = Math.max(values[at(i)], v);
    });
    return (gpu) => [{ name: 'y', run: () => maxAxes(gpu.upload(x, 'x'), shape, reduced), ...exact(values) }];
  },
});

const channelCase = ([pixels, channels]: readonly [number, number]): KernelCase => ({
  name: `largest and mean of ${channels} channels, ${pixels} pixels`,
  quick: true,
  prepare() {
    const x = randomValues(pixels * channels, 1);
    const dy = randomValues(2 * pixels, 2);
    const winner = new Uint32Array(pixels);
    const y = new Float64Array(2 * pixels);
    for (let p = 0; p < pixels; p++) {
      const own = x.subarray(p * channels, (p + 1) * channels);
      winner[p] = own.indexOf(Math.max(...own));
      y[2 * p] = own[winner[p]];
      y[2 * p + 1] = own.reduce((sum, v) => sum + v, 0) / channels;
    }
    const dx = Array.from(x, (_, i) => {
      const p = Math.floor(i / channels);
      return dy[2 * p + 1] / channels + (winner[p] === i % channels ? dy[2 * p] : 0);
    });
    return (gpu) => {
      const pooled = () => channelPool(gpu.upload(x, 'x'), { pixels, channels });
      const grad = () => channelPoolGrad(gpu.upload(dy, 'dy'), gpu.upload(winner, 'winner'), { pixels, channels });
      return [
        { name: 'y', run: () => pooled().y, values: y, terms: channels },
        { name: 'winner', run: () => pooled().winner, ...exact(winner) },
        { name: 'dx', run: grad, values: dx },
      ];
    };
  },
});

export const ATTENTION_POOLS: KernelFamily = {
  kernels: 'attention_pools',
  cases: [
    ...[
      { outer: 1, repeat: 1, inner: 1 },
      { outer: 3, repeat: 7, inner: 5 },
      { outer: 1, repeat: 300, inner: 1 },
      { outer: 300, repeat: 2, inner: 1 },
      { outer: 0, repeat: 2, inner: 3 },
    ].map(maxCase),
    ...LARGEST.map(largestCase),
    ...(
      [
        [1, 1],
        [30, 3],
        [300, 64],
      ] as const
    ).map(channelCase),
  ],
};
