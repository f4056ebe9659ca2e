import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  indices,
  type Reduction,
  SupervisedContrastiveLoss,
  type Tensor,
  TripletLoss,
  tensor,
} from '../../../src/node.ts';
import { randomTensor, relativeError, useGpu } from '../../gpu.ts';

interface Case {
  loss: 'TripletLoss' | 'SupervisedContrastiveLoss';
  options: object;
  embeddings: string;
  results: Record<Reduction, { value: number[]; gradient: number[] }>;
}

interface Golden {
  columns: number;
  labels: number[];
  /** Gradient of the losses where they are not reduced. */
  upstream: number[];
  embeddings: Record<string, number[]>;
  cases: Case[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../../fixtures/nn/embedding_losses.json', import.meta.url), 'utf8'),
);

const LOSSES = { TripletLoss, SupervisedContrastiveLoss };

/*
 * A similarity of unit rows is off by a few roundings, 6e-8 each; the temperature 0.07 makes 14 times as much of them in the exponent: about
 * 3e-6. Distances are off by some 2e-7 of themselves, so where a loss is a small difference of two it is measured by the largest.
 */
const TOLERANCE = 5e-6;

const held = useGpu();

describe('losses of embeddings as PyTorch differentiates them', () => {
  it.each(golden.cases)('$loss $options, $embeddings', async (one) => {
    const { gpu } = held;
    const { columns, labels, upstream, embeddings } = golden;
    const rows = labels.length;
    for (const reduction of ['mean', 'sum', 'none'] as const) {
      const x = tensor(gpu, Float32Array.from(embeddings[one.embeddings]), [rows, columns], { requiresGrad: true });
      const criterion = new LOSSES[one.loss]({ ...one.options, reduction });
      const loss = criterion.call(x, indices(gpu, labels));
      expect(loss.shape).toEqual(reduction === 'none' ? [rows] : []);
      const { value, gradient } = one.results[reduction];
      expect(relativeError(await loss.data(), value), `${reduction}: value`).toBeLessThan(TOLERANCE);
      loss.backward(reduction === 'none' ? tensor(gpu, Float32Array.from(upstream)) : undefined);
      expect(relativeError(await (x.grad as Tensor).data(), gradient), `${reduction}: gradient`).toBeLessThan(
        TOLERANCE,
      );
    }
  });
});

describe('SupervisedContrastiveLoss', () => {
  it('is 0 in a batch without a pair, without a gradient', async () => {
    const { gpu } = held;
    for (const labels of [[0, 1, 2], [3]]) {
      const x = randomTensor(gpu, [labels.length, 5], 2, { requiresGrad: true });
      const loss = new SupervisedContrastiveLoss().call(x, indices(gpu, labels));
      expect(await loss.item()).toBe(0);
      loss.backward();
      expect((await (x.grad as Tensor).data()).every((value) => value === 0)).toBe(true);
    }
  });

  it('refuses a temperature of 0', () => {
    expect(() => new SupervisedContrastiveLoss({ temperature: 0 })).toThrow(
      'SupervisedContrastiveLoss: temperature must be above 0, not 0.',
    );
  });

  it('says what does not fit', () => {
    const { gpu } = held;
    const criterion = new SupervisedContrastiveLoss();
    expect(() => criterion.call(randomTensor(gpu, [3, 2], 1), indices(gpu, [0, 1]))).toThrow(
      'supervisedContrastive: embeddings [3,2] need 3 labels; their shape is [2].',
    );
    expect(() => criterion.call(randomTensor(gpu, [3], 1), indices(gpu, [0, 1, 1]))).toThrow(
      'normalizeRows: embeddings [N, D] are needed; the shape is [3].',
    );
  });
});
