import { nllLoss, nllLossGrad, onlyKept, setAside } from '../../../kernels/nll_loss.ts';
import {
  crossEntropy,
  crossEntropyGrad,
  logSoftmax,
  logSoftmaxGrad,
  type Rows,
  softmax,
  softmaxGrad,
} from '../../../kernels/softmax.ts';
import {
  oneHot,
  type SoftmaxLossForm,
  softmaxLoss,
  softmaxLossGrad,
  uploadClassTerms,
  weightedMean,
} from '../../../kernels/softmax_loss.ts';
import { exact, type KernelCase, type KernelFamily } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';
import { rowsOf, sumOf } from './rows.ts';

/** log p of each class of a row. */
function logProbabilities(row: readonly number[]): number[] {
  const largest = Math.max(...row);
  const log = Math.log(row.reduce((sum, v) => sum + Math.exp(v - largest), 0));
  return row.map((v) => v - largest - log);
}

const softmaxCase = ([rows, classes]: readonly [number, number]): KernelCase => ({
  name: `${rows} rows of ${classes} classes`,
  quick: true,
  prepare() {
    const s = { rows, classes };
    const [x, dy, dloss] = [
      randomValues(rows * classes, 1, -9, 9),
      randomValues(rows * classes, 2),
      randomValues(rows, 3),
    ];
    const labels = Uint32Array.from({ length: rows }, (_, r) => (r * 5) % classes);
    const [logs, given] = [rowsOf(x, s).map(logProbabilities), rowsOf(dy, s)];
    const logGrad = logs.flatMap((row, r) => row.map((v, c) => given[r][c] - Math.exp(v) * sumOf(given[r])));
    const grad = logs.flatMap((row, r) => {
      const along = row.reduce((sum, v, c) => sum + Math.exp(v) * given[r][c], 0);
      return row.map((v, c) => Math.exp(v) * (given[r][c] - along));
    });
    const lossGrad = (of: (r: number) => number) =>
      logs.flatMap((row, r) => row.map((v, c) => of(r) * 0.5 * (Math.exp(v) - Number(c === labels[r]))));
    // Differences of up to 18 round by 2⁻²⁰, which is what exp then errs by, relatively; a sum of 1,000 terms adds some.
    const of = (values: readonly number[]) => ({ values, terms: classes, roundings: 100 });
    return (gpu) => {
      const [gx, gdy] = [gpu.upload(x, 'x'), gpu.upload(dy, 'dy')];
      const own = gpu.upload(labels, 'labels');
      const kept = (values: readonly number[]) => gpu.upload(Float32Array.from(values), 'y');
      return [
        { name: 'softmax', run: () => softmax(gx, s), ...of(logs.flat().map(Math.exp)) },
        { name: 'dx of softmax', run: () => softmaxGrad(gdy, kept(logs.flat().map(Math.exp)), s), ...of(grad) },
        { name: 'logSoftmax', run: () => logSoftmax(gx, s), ...of(logs.flat()) },
        { name: 'dx of logSoftmax', run: () => logSoftmaxGrad(gdy, kept(logs.flat()), s), ...of(logGrad) },
        { name: 'crossEntropy', run: () => crossEntropy(gx, own, s), ...of(logs.map((row, r) => -row[labels[r]])) },
        {
          name: 'dx of crossEntropy',
          run: () => crossEntropyGrad(gpu.upload(dloss, 'dloss'), gx, own, s, 0.5),
          ...of(lossGrad((r) => dloss[r])),
        },
        {
          name: 'dx of crossEntropy, one gradient for all',
          run: () => crossEntropyGrad(gpu.upload(Float32Array.of(2), 'dloss'), gx, own, s, 0.5),
          ...of(lossGrad(() => 2)),
        },
      ];
    };
  },
});

export const SOFTMAX: KernelFamily = {
  kernels: 'softmax',
  cases: (
    [
      [1, 1],
      [1, 10],
      [70, 7],
      [3, 1000],
      [0, 4],
    ] as const
  ).map(softmaxCase),
};

interface LossRow {
  x: number[];
  t: number[];
  weight: Float32Array;
  logPrior: Float32Array;
  margin: Float32Array;
}

/** Loss, weight of the target and gradient of one row, in float64, the gradient by the definition: through the Jacobian of softmax. */
function softmaxLossByHand({ x, t, weight, logPrior, margin }: LossRow, { smoothing, gamma, scale }: SoftmaxLossForm) {
  const logP = logProbabilities(x.map((v, c) => scale * (v - margin[c] * t[c]) + logPrior[c]));
  const p = logP.map(Math.exp);
  const share = t.map((v, c) => weight[c] * ((1 - smoothing) * v + smoothing / t.length));
  const loss = share.reduce((sum, s, c) => sum - s * (1 - p[c]) ** gamma * logP[c], 0);
  // d(−(1 − p)^γ log p) / dp
  const slope = p.map((v, c) => gamma * (1 - v) ** (gamma - 1) * logP[c] - (1 - v) ** gamma / v);
  const dz = p.map((v, k) =>
    p.reduce((sum, u, c) => sum + share[c] * (gamma === 0 ? -1 / u : slope[c]) * u * ((c === k ? 1 : 0) - v), 0),
  );
  return { loss, weight: t.reduce((sum, v, c) => sum + v * weight[c], 0), dx: dz.map((v) => v * scale) };
}

const softmaxLossCase = ({ rows, classes, ...form }: Rows & SoftmaxLossForm, lanes: number): KernelCase => ({
  name: `${rows} rows of ${classes} classes, smoothing ${form.smoothing}, γ ${form.gamma}, scale ${form.scale}, ${lanes} lanes`,
  quick: rows > 3 || lanes === 8,
  prepare() {
    const s = { rows, classes };
    const [x, t] = [randomValues(rows * classes, 1, -3, 3), randomValues(rows * classes, 2, 0, 2 / classes)];
    const weight = randomValues(classes, 3, 0, 2);
    const [logPrior, margin] = [randomValues(classes, 4, -2, 0), randomValues(classes, 5, 0, 1)];
    const dloss = randomValues(rows, 6);
    const [logits, targets] = [rowsOf(x, s), rowsOf(t, s)];
    const expected = logits.map((row, r) =>
      softmaxLossByHand({ x: row, t: targets[r], weight, logPrior, margin }, form),
    );
    // z rounds by 2⁻²⁴ of at most 20, which is what p errs by; exp, log and pow add a few units in the last place.
    const of = (values: readonly number[], roundings = 60) => ({ values, terms: classes, roundings });
    return (gpu) => {
      const terms = uploadClassTerms(gpu, classes, { weight, logPrior, margin });
      const [gx, gt] = [gpu.upload(x, 'x'), gpu.upload(t, 't')];
      const losses = () => softmaxLoss(gx, gt, terms, s, form, lanes);
      const grad = (given: Float32Array) =>
        softmaxLossGrad(gpu.upload(given, 'dloss'), gx, gt, terms, losses(), s, { ...form, factor: 0.5 }, lanes);
      const gradient = (of: (r: number) => number) => expected.flatMap(({ dx }, r) => dx.map((v) => v * 0.5 * of(r)));
      return [
        { name: 'loss', run: () => losses().loss, ...of(expected.map(({ loss }) => loss)) },
        { name: 'weight', run: () => losses().weight, ...of(expected.map((row) => row.weight)) },
        { name: 'dx', run: () => grad(dloss), ...of(gradient((r) => dloss[r])) },
        // Of one row the gradients may be small beside what they are differences of.
        {
          name: 'dx, one gradient for all',
          run: () => grad(Float32Array.of(2)),
          ...of(
            gradient(() => 2),
            rows === 1 ? 160 : 60,
          ),
        },
      ];
    };
  },
});

const oneHotCase = ([rows, classes]: readonly [number, number]): KernelCase => ({
  name: `${rows} labels of ${classes} classes as rows`,
  quick: true,
  prepare() {
    const labels = Uint32Array.from({ length: rows }, (_, r) => (r * 5) % classes);
    const y = Float32Array.from({ length: rows * classes }, (_, i) =>
      Number(i % classes === labels[Math.floor(i / classes)]),
    );
    return (gpu) => [{ name: 'y', run: () => oneHot(gpu.upload(labels, 'labels'), { rows, classes }), ...exact(y) }];
  },
});

const weightedMeanCase = (count: number): KernelCase => ({
  name: `weighted mean of ${count} losses`,
  quick: true,
  prepare() {
    const [x, weight] = [randomValues(count, 1), randomValues(count, 2, 0, 1)];
    const magnitude = sumOf(x.map(Math.abs)) / sumOf(weight);
    return (gpu) => {
      const found = () => weightedMean(gpu.upload(x, 'x'), gpu.upload(weight, 'weight'));
      return [
        {
          name: 'mean',
          run: () => found().mean,
          ...{ values: [sumOf(x) / sumOf(weight)], magnitudes: [magnitude], terms: count },
        },
        { name: '1/weight', run: () => found().inverse, values: [1 / sumOf(weight)], terms: count },
      ];
    };
  },
});

export const SOFTMAX_LOSS: KernelFamily = {
  kernels: 'softmax_loss',
  cases: [
    ...[
      { rows: 1, classes: 10, smoothing: 0, gamma: 0, scale: 1 },
      { rows: 70, classes: 10, smoothing: 0.1, gamma: 2, scale: 1.5 },
      { rows: 3, classes: 7, smoothing: 0, gamma: 0.5, scale: 3 },
      { rows: 5, classes: 2, smoothing: 0.3, gamma: 1, scale: 1 },
      { rows: 2, classes: 200, smoothing: 0.1, gamma: 2, scale: 1 },
      { rows: 2, classes: 1000, smoothing: 0, gamma: 0, scale: 1 },
      // Few lanes, as a software adapter is given, and many; more than the classes, and fewer.
    ].flatMap((form) => [8, 64].map((lanes) => softmaxLossCase(form, lanes))),
    ...(
      [
        [77, 7],
        [130, 10],
      ] as const
    ).map(oneHotCase),
    ...[1, 63, 130].map(weightedMeanCase),
  ],
};

const { NaN: nan } = Number;

const nllCase = ({ rows, classes }: Rows, weighted: boolean, ignored: number | undefined): KernelCase => ({
  name: `${rows} rows of ${classes} classes${weighted ? ', weighted' : ''}${ignored === undefined ? '' : `, ignoring ${ignored}`}`,
  quick: rows === 256,
  prepare() {
    const x = randomValues(rows * classes, 1);
    const weights = randomValues(classes, 2, 0.5, 2);
    const dloss = randomValues(rows, 3);
    // Every fourth sample is ignored, and every seventh has a label that is no class.
    const labels = Uint32Array.from({ length: rows }, (_, r) => {
      if (r % 4 === 3) return ignored ?? 0;
      return r % 7 === 6 ? classes + r : (r * 5) % classes;
    });
    const expected = Array.from(labels, (label, r) => {
      const own = label < classes ? (weighted ? weights[label] : 1) : nan;
      if (label === ignored) return { loss: 0, own: 0, dx: Array<number>(classes).fill(0) };
      const dx = Array.from({ length: classes }, (_, c) => {
        if (label >= classes) return nan;
        return c === label ? Math.fround(Math.fround(-dloss[r] * 0.5) * own) : 0;
      });
      return { loss: Math.fround(-own * x[r * classes + label]), own, dx };
    });
    const signs = expected.flatMap(({ dx, own }) => dx.map((v) => (v === 0 || Number.isNaN(v) ? v : -2 * own)));
    return (gpu) => {
      const terms = { weight: weighted ? gpu.upload(weights, 'weight') : undefined, ignored };
      const device = gpu.upload(labels, 'labels');
      const found = () => nllLoss(gpu.upload(x, 'x'), device, { rows, classes }, terms);
      const grad = (given: Float32Array, factor: number) =>
        nllLossGrad(gpu.upload(given, 'dloss'), device, { rows, classes }, terms, factor);
      return [
        { name: 'loss', run: () => found().loss, ...exact(expected.map(({ loss }) => loss)) },
        { name: 'weight', run: () => found().weight, ...exact(expected.map(({ own }) => own)) },
        { name: 'dx', run: () => grad(dloss, 0.5), ...exact(expected.flatMap(({ dx }) => dx)) },
        { name: 'dx, one gradient for all', run: () => grad(Float32Array.of(1), 2), ...exact(signs) },
      ];
    };
  },
});

const asideCase = (rows: number): KernelCase => ({
  name: `${rows} labels, some set aside`,
  quick: true,
  prepare() {
    const isAside = (r: number) => r % 3 === 1;
    const labels = Uint32Array.from({ length: rows }, (_, r) => (isAside(r) ? 2 ** 32 - 1 : r));
    const values = Float32Array.from({ length: rows }, (_, r) => (isAside(r) ? nan : r));
    const kept = Float32Array.from(labels, (_, r) => (isAside(r) ? 0 : 1));
    return (gpu) => {
      const aside = () => setAside(gpu.upload(labels, 'labels'), 2 ** 32 - 1);
      const only = (given: Float32Array) => onlyKept(gpu.upload(kept, 'kept'), gpu.upload(given, 'values'));
      return [
        { name: 'labels', run: () => aside().labels, ...exact(labels.map((label, r) => (isAside(r) ? 0 : label))) },
        { name: 'kept', run: () => aside().kept, ...exact(kept) },
        { name: 'values', run: () => only(values), ...exact(values.map((v, r) => (isAside(r) ? 0 : v))) },
        { name: 'one value', run: () => only(Float32Array.of(5)), ...exact(kept.map((v) => 5 * v)) },
      ];
    };
  },
});

export const NLL_LOSS: KernelFamily = {
  kernels: 'nll_loss',
  cases: [
    ...[
      { rows: 1, classes: 1 },
      { rows: 5, classes: 3 },
      { rows: 256, classes: 7 },
      { rows: 0, classes: 3 },
    ].flatMap((s) => [
      nllCase(s, false, undefined),
      nllCase(s, true, undefined),
      nllCase(s, false, 255),
      nllCase(s, true, 0),
    ]),
    ...[0, 1, 130].map(asideCase),
  ],
};
