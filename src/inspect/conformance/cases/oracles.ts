import { batchNormNaive, peakFlops, softmaxNaive } from '../../../kernels/ladder.ts';
import type { KernelCase, KernelFamily } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';

const softmaxCase = ([rows, classes]: readonly [number, number]): KernelCase => ({
  name: `naive softmax of ${rows} rows of ${classes} classes`,
  quick: rows === 70,
  prepare() {
    const x = randomValues(rows * classes, 1, -9, 9);
    const values = Float64Array.from(x, (v, i) => {
      const row = x.subarray(i - (i % classes), i - (i % classes) + classes);
      return Math.exp(v) / row.reduce((sum, other) => sum + Math.exp(other), 0);
    });
    // Exponents of up to 18 round by 1e-6, beside a sum of 1,000 terms.
    return (gpu) => [
      {
        name: 'y',
        run: () => softmaxNaive(gpu.upload(x, 'x'), { rows, classes }),
        ...{ values, terms: classes, roundings: 40 },
      },
    ];
  },
});

const batchNormCase = ([rows, channels]: readonly [number, number]): KernelCase => ({
  name: `naive batch normalisation, ${rows} rows of ${channels} channels`,
  quick: rows === 75,
  prepare() {
    const x = randomValues(rows * channels, 1, -1, 3);
    const [weight, bias] = [randomValues(channels, 2), randomValues(channels, 3)];
    const values = Float64Array.from(x, (v, i) => {
      const c = i % channels;
      const column = Array.from({ length: rows }, (_, r) => x[r * channels + c]);
      const mean = column.reduce((sum, value) => sum + value, 0) / rows;
      const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
      return ((v - mean) / Math.sqrt(variance + 1e-5)) * weight[c] + bias[c];
    });
    return (gpu) => [
      {
        name: 'y',
        run() {
          const [gx, gw, gb] = [x, weight, bias].map((array) => gpu.upload(array, 'check'));
          return batchNormNaive(gx, gw, gb, { rows, channels, eps: 1e-5 });
        },
        ...{ values, terms: rows, roundings: 30 },
      },
    ];
  },
});

const peakCase = (invocations: number, turns: number): KernelCase => ({
  name: `${turns} turns of multiply-adds in ${invocations} invocations`,
  quick: true,
  prepare: () => (gpu) => {
    const { CHAINS, UNROLLED } = gpu.shader('peak_flops').constants;
    const left = 0.999 ** (UNROLLED * turns);
    // x − 1 shrinks by 0.999 in each turn; summed over the chains c, which begin at (i … i + 3) · c.
    const values = Array.from({ length: invocations }, (_, i) => {
      let sum = 0;
      for (let c = 0; c < CHAINS; c++) for (let j = 0; j < 4; j++) sum += 1 + left * ((i + j) * c - 1);
      return sum;
    });
    // Each turn rounds, in one direction at worst.
    const roundings = UNROLLED * turns;
    return [{ name: 'y', run: () => peakFlops(gpu, { invocations, turns }), values, roundings }];
  },
});

export const ORACLES: KernelFamily = {
  kernels: 'ladder',
  cases: [
    ...(
      [
        [1, 1],
        [70, 7],
        [3, 1000],
      ] as const
    ).map(softmaxCase),
    ...(
      [
        [2, 1],
        [75, 7],
        [64, 130],
      ] as const
    ).map(batchNormCase),
    peakCase(300, 100),
  ],
};
