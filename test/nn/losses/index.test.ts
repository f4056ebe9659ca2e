import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  BalancedSoftmaxLoss,
  ClassBalancedLoss,
  ClassTemperatureLoss,
  CrossEntropyLoss,
  FocalLoss,
  indices,
  LabelAwareSmoothingLoss,
  LabelSmoothingLoss,
  LDAMLoss,
  LogitAdjustmentLoss,
  type Loss,
  type Reduction,
  type Tensor,
  tensor,
} from '../../../src/node.ts';
import { relativeError, useGpu } from '../../gpu.ts';

interface Case {
  loss: string;
  /** The losses' own options, by their names here. */
  options: object;
  targets: 'labels' | 'soft';
  logits: 'usual' | 'large';
  results: Record<Reduction, { value: number[]; gradient: number[] }>;
}

interface Golden {
  classes: number;
  counts: number[];
  labels: number[];
  soft: number[];
  /** Gradient of the losses where they are not reduced. */
  upstream: number[];
  epoch: number;
  logits: Record<Case['logits'], number[]>;
  cases: Case[];
}

const golden: Golden = JSON.parse(readFileSync(new URL('../../fixtures/nn/losses.json', import.meta.url), 'utf8'));

const make: Record<string, (options: { reduction: Reduction }) => Loss> = {
  CrossEntropyLoss: (options) => new CrossEntropyLoss(options),
  FocalLoss: (options) => new FocalLoss(options),
  ClassBalancedLoss: (options) => new ClassBalancedLoss(golden.counts, options),
  LabelSmoothingLoss: (options) => new LabelSmoothingLoss(undefined, options),
  BalancedSoftmaxLoss: (options) => new BalancedSoftmaxLoss(golden.counts, options),
  LogitAdjustmentLoss: (options) => new LogitAdjustmentLoss(golden.counts, options),
  ClassTemperatureLoss: (options) => new ClassTemperatureLoss(golden.counts, options),
  LabelAwareSmoothingLoss: (options) => new LabelAwareSmoothingLoss(golden.counts, options),
  LDAMLoss: (options) => new LDAMLoss(golden.counts, options),
};

/*
 * p is exp of a z whose rounding is 6e-8 of at most 40 where p matters, and log p a sum of three such numbers. WGSL allows exp and log a few
 * units in the last place and log 5e-7 near 1, pow γ times as much. Sums of six losses and five classes add some.
 */
const TOLERANCE = 2e-6;

/** Largest error of an element, relative to itself where it is larger than 1. NaN anywhere gives NaN. */
function worst(actual: ArrayLike<number>, expected: readonly number[]): number {
  if (actual.length !== expected.length) return Number.NaN;
  const errors = expected.map((value, i) => Math.abs(actual[i] - value) / Math.max(1, Math.abs(value)));
  return errors.reduce((most, error) => (Number.isNaN(error) ? error : Math.max(most, error)), 0);
}

const held = useGpu();

describe('losses as PyTorch computes them', () => {
  it.each(golden.cases)('$loss $options, $logits logits, $targets', async (one) => {
    const { gpu } = held;
    const { classes, labels, soft, upstream, epoch, logits } = golden;
    const rows = labels.length;
    const targets =
      one.targets === 'labels' ? indices(gpu, labels) : tensor(gpu, Float32Array.from(soft), [rows, classes]);
    for (const reduction of ['mean', 'sum', 'none'] as const) {
      const x = tensor(gpu, Float32Array.from(logits[one.logits]), [rows, classes], { requiresGrad: true });
      const criterion = make[one.loss]({ ...one.options, reduction });
      criterion.setEpoch?.(epoch);
      const loss = criterion.call(x, targets);
      expect(loss.shape).toEqual(reduction === 'none' ? [rows] : []);
      const { value, gradient } = one.results[reduction];
      expect(worst(await loss.data(), value), `${reduction}: value`).toBeLessThan(TOLERANCE);
      loss.backward(reduction === 'none' ? tensor(gpu, upstream) : undefined);
      // A gradient is a difference of terms as large as the scale and the weight make the largest.
      expect(relativeError(await (x.grad as Tensor).data(), gradient), `${reduction}: gradient`).toBeLessThan(
        TOLERANCE,
      );
    }
  });
});
