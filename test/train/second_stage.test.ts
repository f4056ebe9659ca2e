import { describe, expect, it } from 'vitest';
import type { BatchSource } from '../../src/data/batch_source.ts';
import { CrossEntropyLoss, SGD, tensor } from '../../src/node.ts';
import { normalizeLastLayer, ScaledClassifier, withNewLastLayer } from '../../src/train/second_stage.ts';
import { relativeError, useGpu } from '../gpu.ts';
import { golden, lossesOf, rowsOf, TwoLayers, weightError } from './method_golden.ts';

const held = useGpu();
const { lr, momentum } = golden;
/** Eight steps of float32 with a momentum that adds up ten of them. */
const TOLERANCE = 2e-5;
const worst = (actual: number[], expected: number[]) => relativeError(Float32Array.from(actual), expected);

/** What the first stage has come to by PyTorch. */
function trained(): TwoLayers {
  const model = new TwoLayers(held.gpu);
  model.load(golden.methods['first stage'].weights);
  return model;
}

function training(model: TwoLayers | ScaledClassifier) {
  const parameters = model.parameters().filter(({ requiresGrad }) => requiresGrad);
  return { optimizer: new SGD(parameters, { lr, momentum, weightDecay: 0 }), criterion: new CrossEntropyLoss() };
}

describe('withNewLastLayer', () => {
  it('trains a new last layer on frozen features as PyTorch does', async () => {
    const fresh = new TwoLayers(held.gpu);
    fresh.load({ ...golden.first, ...golden.new });
    const model = withNewLastLayer(fresh, trained());
    const { losses, weights } = golden.methods.cRT;
    expect(worst(await lossesOf(model, training(model), 2), losses)).toBeLessThan(TOLERANCE);
    expect(await weightError(model, weights)).toBeLessThan(TOLERANCE);
  });
});

describe('ScaledClassifier', () => {
  it('learns a scale for each class as PyTorch does, and folds them into the last layer', async () => {
    const model = new ScaledClassifier(held.gpu, trained());
    const { losses, weights } = golden.methods.LWS;
    expect(worst(await lossesOf(model, training(model), 2), losses)).toBeLessThan(TOLERANCE);
    const before = await model.call(rowsOf(held.gpu)).data();
    const folded = await model.folded();
    expect(await weightError(folded as TwoLayers, weights)).toBeLessThan(TOLERANCE);
    expect(relativeError(await folded.call(rowsOf(held.gpu)).data(), [...before])).toBeLessThan(1e-6);
  });
});

describe('normalizeLastLayer', () => {
  it('finds the τ that PyTorch finds, and its weights', async () => {
    const model = trained();
    const validation = { count: golden.labels.length, labels: Uint32Array.from(golden.labels) } as BatchSource;
    validation.plain = () => ({
      images: tensor(
        held.gpu,
        golden.x.map((v) => v),
        [12, 6],
      ),
      labels: undefined as never,
    });
    const found = await normalizeLastLayer({ gpu: held.gpu, model, validation, batchSize: 12 });
    expect(found.tau).toBe(golden.tau);
    expect(found.balancedAccuracy).toBeCloseTo(golden.balancedAccuracy, 8);
    expect(await weightError(model, golden.methods['tau-norm'].weights)).toBeLessThan(1e-6);
  });
});
