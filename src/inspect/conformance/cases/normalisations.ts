import {
  type BatchNormSaved,
  batchNormApply,
  batchNormFold,
  batchNormGradSums,
  batchNormInputGrad,
  batchNormInvstd,
  batchNormStatistics,
  type NormActivation,
} from '../../../kernels/batch_norm.ts';
import {
  type GroupNormShape,
  groupNormApply,
  groupNormBiasGrad,
  groupNormInputGrad,
  groupNormStatistics,
  groupNormWeightGrad,
} from '../../../kernels/group_norm.ts';
import { FLOAT32, type KernelCase, type KernelFamily, type Numbers } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';
import { geluByHand } from './elementwise.ts';

const EPS = 1e-5;
const MOMENTUM = 0.1;

interface Activation {
  y: (v: number) => number;
  slope: (v: number) => number;
}
const logistic = (v: number) => 1 / (1 + Math.exp(-v));
const ACTIVATIONS: Readonly<Record<NormActivation | 'none', Activation>> = {
  none: { y: (v) => v, slope: () => 1 },
  relu: { y: (v) => Math.max(v, 0), slope: (v) => Number(v > 0) },
  silu: { y: (v) => v * logistic(v), slope: (v) => logistic(v) * (1 + v * (1 - logistic(v))) },
  gelu: geluByHand,
  'leaky-relu': { y: (v) => (v > 0 ? v : 0.2 * v), slope: (v) => (v > 0 ? 1 : 0.2) },
};

/** Mean, variance (of the population) and inverse deviation of groups of numbers. */
function momentsOf(groups: readonly number[][]) {
  const mean = groups.map((values) => values.reduce((sum, v) => sum + v, 0) / values.length);
  const variance = groups.map((values, g) => values.reduce((sum, v) => sum + (v - mean[g]) ** 2, 0) / values.length);
  return { mean, variance, invstd: variance.map((v) => 1 / Math.sqrt(v + EPS)) };
}

const rounded = (values: Numbers) => Float32Array.from(values);
const column = (x: Numbers, rows: number, channels: number, c: number) =>
  Array.from({ length: rows }, (_, r) => x[r * channels + c]);

function batchNormCase([rows, channels]: readonly [number, number], activation: NormActivation | 'none'): KernelCase {
  return {
    name: `batch, ${rows} rows of ${channels} channels${activation === 'none' ? '' : `, ${activation}`}`,
    // Each activation is a pipeline for each pass.
    quick: rows >= 700 || (channels === 12 && activation === 'none') || (channels === 16 && activation === 'relu'),
    prepare() {
      const count = rows * channels;
      const [x, dy] = [randomValues(count, 1, -1, 3), randomValues(count, 5)];
      const [weight, bias] = [randomValues(channels, 2, 0.5, 2), randomValues(channels, 3)];
      const [oldMean, oldVariance] = [randomValues(channels, 6), randomValues(channels, 7, 0.5, 2)];
      const channel = <T>(of: (c: number) => T) => Array.from({ length: channels }, (_, c) => of(c));
      const { mean, variance, invstd } = momentsOf(channel((c) => column(x, rows, channels, c)));
      const { y: activate, slope } = ACTIVATIONS[activation];
      const xhat = Float64Array.from(x, (v, i) => (v - mean[i % channels]) * invstd[i % channels]);
      const z = xhat.map((v, i) => v * weight[i % channels] + bias[i % channels]);
      const dz = Float64Array.from(dy, (v, i) => v * slope(z[i]));
      const sum = (values: Numbers) => channel((c) => column(values, rows, channels, c).reduce((a, b) => a + b, 0));
      const [dbias, dweight] = [sum(dz), sum(dz.map((v, i) => v * xhat[i]))];
      const inputGrad = (training: boolean) =>
        dz.map((v, i) => {
          const c = i % channels;
          return weight[c] * invstd[c] * (v - (training ? (dbias[c] + xhat[i] * dweight[c]) / rows : 0));
        });
      // Of few rows dx is a small difference of these; an activation's slope may be small where it is one of numbers of size 1.
      const inputMagnitudes = dz.map((_, i) => {
        const c = i % channels;
        return weight[c] * invstd[c] * (Math.abs(dy[i]) + (Math.abs(dbias[c]) + Math.abs(xhat[i] * dweight[c])) / rows);
      });
      const unbiased = rows > 1 ? rows / (rows - 1) : Number.NaN;
      const moved = (old: Numbers, now: readonly number[]) => now.map((v, c) => (1 - MOMENTUM) * old[c] + MOMENTUM * v);
      const evaluated = Float64Array.from(x, (v, i) => {
        const c = i % channels;
        return activate(((v - oldMean[c]) / Math.sqrt(oldVariance[c] + EPS)) * weight[c] + bias[c]);
      });
      const factors = channel((c) => weight[c] / Math.sqrt(oldVariance[c] + EPS));
      const folded = (before: (c: number) => number) => [
        ...factors.map((factor, c) => bias[c] + (before(c) - oldMean[c]) * factor),
        ...factors,
      ];
      // A mean of numbers up to 3 and its difference to each; a kink of an activation is met by none of these numbers.
      const roundings = 100;
      const of = (values: Numbers) => ({ values, terms: rows, roundings });
      return (gpu) => {
        const [gx, gdy] = [x, dy].map((values) => gpu.upload(values, 'check'));
        const [gw, gb, gm, gi] = [weight, bias, mean, invstd].map((values) => gpu.upload(rounded(values), FLOAT32));
        const shape = { rows, channels };
        const followed = activation === 'none' ? {} : { activation, slope: 0.2 };
        const running = () => [gpu.upload(oldMean, FLOAT32), gpu.upload(oldVariance, FLOAT32)];
        const statistics = ([a, b] = running(), vectors = true) =>
          batchNormStatistics(gx, a, b, { ...shape, vectors, eps: EPS, momentum: MOMENTUM });
        const kept = (place: 0 | 1) => {
          const arrays = running();
          statistics(arrays);
          return arrays[place];
        };
        const saved: BatchNormSaved = { x: gx, mean: gm, invstd: gi, weight: gw, bias: gb, ...followed };
        const sums = () => batchNormGradSums(gdy, saved, shape);
        const backward = (training: boolean) => batchNormInputGrad(gdy, saved, sums(), { ...shape, training });
        const apply = (spread: Parameters<typeof batchNormApply>[1]) =>
          batchNormApply(gx, spread, gw, gb, { ...shape, ...followed });
        return [
          { name: 'mean', run: () => statistics().mean, ...of(mean) },
          { name: '1/deviation', run: () => statistics().invstd, ...of(invstd) },
          { name: 'mean, channel by channel', run: () => statistics(undefined, false).mean, ...of(mean) },
          {
            name: '1/deviation of a variance',
            run: () => batchNormInvstd(gpu.upload(rounded(variance), FLOAT32), EPS),
            ...of(invstd),
          },
          { name: 'running mean', run: () => kept(0), ...of(moved(oldMean, mean)) },
          {
            name: 'running variance',
            run: () => kept(1),
            ...of(
              moved(
                oldVariance,
                variance.map((v) => v * unbiased),
              ),
            ),
          },
          { name: 'y', run: () => apply({ mean: gm, invstd: gi }), ...of(z.map(activate)) },
          {
            name: 'y in evaluation',
            run() {
              const [a, b] = running();
              return apply({ mean: a, variance: b, eps: EPS });
            },
            ...of(evaluated),
          },
          ...[gw, undefined].map((before) => ({
            name: `for the convolution before it${before ? ', which has a bias' : ''}`,
            run() {
              const [a, b] = running();
              return batchNormFold({ mean: a, variance: b, eps: EPS }, gw, gb, before);
            },
            ...of(folded((c) => (before ? weight[c] : 0))),
          })),
          { name: 'dbias', run: () => sums().dbias, ...of(dbias) },
          { name: 'dweight', run: () => sums().dweight, ...of(dweight) },
          { name: 'dx', run: () => backward(true), ...of(inputGrad(true)), magnitudes: inputMagnitudes },
          { name: 'dx in evaluation', run: () => backward(false), ...of(inputGrad(false)) },
        ];
      };
    },
  };
}

export const BATCH_NORM: KernelFamily = {
  kernels: 'batch_norm',
  cases: [
    ...(
      [
        [2, 1],
        [75, 7],
        [64, 12],
        [700, 5],
        [300, 64],
        // More rows than a software driver takes at once.
        [70_000, 4],
      ] as const
    ).map((size) => batchNormCase(size, 'none')),
    ...(['relu', 'silu', 'gelu', 'leaky-relu'] as const).flatMap((activation) => [
      batchNormCase([75, 7], activation),
      batchNormCase([75, 16], activation),
    ]),
  ],
};

const GROUPS: readonly GroupNormShape[] = [
  { samples: 2, pixels: 30, groups: 2, width: 2 },
  { samples: 3, pixels: 49, groups: 4, width: 8 },
  { samples: 7, pixels: 1, groups: 1, width: 6 },
  { samples: 5, pixels: 1, groups: 1, width: 700 },
  { samples: 1, pixels: 256, groups: 8, width: 4 },
];

const groupNormCase = (s: GroupNormShape): KernelCase => ({
  name: `groups, ${s.samples} samples of ${s.pixels} pixels, ${s.groups} × ${s.width} channels`,
  quick: s.samples !== 5 && s.samples !== 1,
  prepare() {
    const channels = s.groups * s.width;
    const count = s.samples * s.pixels * channels;
    const [x, dy] = [randomValues(count, 1, -1, 3), randomValues(count, 5)];
    const [weight, bias] = [randomValues(channels, 2, 0.5, 2), randomValues(channels, 3)];
    /** The sample and group of an element. */
    const blockOf = (i: number) =>
      Math.floor(i / (s.pixels * channels)) * s.groups + Math.floor((i % channels) / s.width);
    const blocks = s.samples * s.groups;
    const gather = (values: Numbers) => {
      const found = Array.from({ length: blocks }, () => [] as number[]);
      for (let i = 0; i < count; i++) found[blockOf(i)].push(values[i]);
      return found;
    };
    const { mean, invstd } = momentsOf(gather(x));
    const xhat = Float64Array.from(x, (v, i) => (v - mean[blockOf(i)]) * invstd[blockOf(i)]);
    const dz = Float64Array.from(dy, (v, i) => v * weight[i % channels]);
    const means = (values: Numbers) => gather(values).map((own) => own.reduce((a, b) => a + b, 0) / own.length);
    const [direct, along] = [means(dz), means(dz.map((v, i) => v * xhat[i]))];
    const dx = dz.map((v, i) => invstd[blockOf(i)] * (v - direct[blockOf(i)] - xhat[i] * along[blockOf(i)]));
    const perChannel = (values: Numbers) =>
      Array.from({ length: channels }, (_, c) =>
        column(values, count / channels, channels, c).reduce((a, b) => a + b, 0),
      );
    const of = (values: Numbers) => ({ values, terms: s.pixels * s.width, roundings: 100 });
    const rows = { terms: s.samples * s.pixels, roundings: 100 };
    return (gpu) => {
      const [gx, gdy, gw, gb] = [x, dy, weight, bias].map((values) => gpu.upload(values, 'check'));
      const [gm, gi] = [mean, invstd].map((values) => gpu.upload(rounded(values), 'check'));
      const saved = { x: gx, mean: gm, invstd: gi, weight: gw };
      const y = xhat.map((v, i) => v * weight[i % channels] + bias[i % channels]);
      const dweight = perChannel(xhat.map((v, i) => v * dy[i]));
      return [
        { name: 'mean', run: () => groupNormStatistics(gx, s, EPS).mean, ...of(mean) },
        { name: '1/deviation', run: () => groupNormStatistics(gx, s, EPS).invstd, ...of(invstd) },
        { name: 'y', run: () => groupNormApply(gx, saved, gw, gb, s), ...of(y) },
        { name: 'y without weights', run: () => groupNormApply(gx, saved, undefined, undefined, s), ...of(xhat) },
        { name: 'dx', run: () => groupNormInputGrad(gdy, saved, s), ...of(dx) },
        { name: 'dweight', run: () => groupNormWeightGrad(gdy, saved, s), values: dweight, ...rows },
        { name: 'dbias', run: () => groupNormBiasGrad(gdy, s), values: perChannel(dy), ...rows },
      ];
    };
  },
});

export const GROUP_NORM: KernelFamily = { kernels: 'group_norm', cases: GROUPS.map(groupNormCase) };
