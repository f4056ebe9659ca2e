import { describe, expect, it } from 'vitest';
import { softmax } from '../../src/autograd/ops/softmax.ts';
import { noGrad } from '../../src/autograd/tape.ts';
import { BatchSource } from '../../src/data/batch_source.ts';
import { evaluateClassification } from '../../src/metrics/classification.ts';
import { downloadTensors } from '../../src/nn/weights/host_tensor.ts';
import { evaluate } from '../../src/train/evaluation.ts';
import { train } from '../../src/train/trainer.ts';
import { useGpu } from '../gpu.ts';
import { tinyDataset, tinyTraining } from './tiny_training.ts';

const held = useGpu({ fences: false });

/** A model after a few steps, so that running statistics are not the first ones, and the test images. */
async function trained(epochs = 2) {
  const task = tinyTraining(held.gpu, { epochs });
  await train(task);
  const dataset = tinyDataset();
  return { gpu: held.gpu, model: task.model, source: new BatchSource(held.gpu, dataset, dataset.test), dataset };
}

describe('evaluate', () => {
  it('gives the metrics of logits computed for all images at once, also with a last batch that is not full', async () => {
    const { gpu, model, source, dataset } = await trained();
    const evaluation = await evaluate({ gpu, model, source, batchSize: 8 }); // 8 + 8 + 4

    model.eval();
    const all = Uint32Array.from({ length: source.count }, (_, i) => i);
    const logits = await gpu.scope(() => noGrad(() => model.call(source.plain(all).images))).data();
    const probabilities = new Float32Array(logits.length);
    let loss = 0;
    for (let n = 0; n < source.count; n++) {
      const row = [...logits.subarray(4 * n, 4 * n + 4)];
      const sum = row.reduce((total, x) => total + Math.exp(x), 0);
      for (let c = 0; c < 4; c++) probabilities[4 * n + c] = Math.exp(row[c]) / sum;
      loss += Math.log(sum) - row[dataset.test.labels[n]];
    }
    const targets = dataset.test.labels;
    const { confusion, accuracy, f1 } = evaluateClassification({ targets, probabilities, classes: 4 });
    expect(evaluation.metrics.confusion).toEqual(confusion);
    // Two probabilities that differ by a rounding may change places in another batch, and with them a pair that the ROC counts.
    const { rocAuc } = evaluateClassification({ targets, probabilities: evaluation.probabilities, classes: 4 });
    expect(evaluation.metrics).toMatchObject({ samples: 20, accuracy, f1, rocAuc });
    expect(evaluation.targets).toEqual(Uint32Array.from(dataset.test.labels));
    expect(evaluation.probabilities).toHaveLength(80);
    // Sums of some hundred float32 products of size 1, in another order for another batch: 1e-5 is a hundred roundings.
    for (let i = 0; i < 80; i++) expect(Math.abs(evaluation.probabilities[i] - probabilities[i])).toBeLessThan(1e-5);
    expect(Math.abs(evaluation.loss - loss / source.count)).toBeLessThan(1e-4);
  });

  it('leaves the model, its mode, the generator and the memory as they were', async () => {
    const { gpu, model, source } = await trained();
    const block1 = model.getModule('features.block1');
    block1.eval(); // as a frozen backbone is
    const bytes = async () =>
      Object.fromEntries([...(await downloadTensors(model.stateDict()))].map(([name, { data }]) => [name, [...data]]));
    const before = await bytes();
    const { generator } = gpu;
    await evaluate({ gpu, model, source, batchSize: 8 });
    const live = gpu.memory.liveBytes;
    await evaluate({ gpu, model, source, batchSize: 8 });
    expect(gpu.memory.liveBytes).toBeLessThanOrEqual(live);
    expect(await bytes()).toEqual(before);
    expect(gpu.generator).toEqual(generator);
    expect([model.training, block1.training]).toEqual([true, false]);
  });

  it('gives the same with and without dropout layers in training mode before it', async () => {
    const { gpu, model, source } = await trained();
    const first = await evaluate({ gpu, model, source, batchSize: 8 });
    const second = await evaluate({ gpu, model: model.eval(), source, batchSize: 8 });
    expect(second.probabilities).toEqual(first.probabilities);
    expect(model.training).toBe(false);
  });

  it('stops at a signal, the model in the mode it was in', async () => {
    const { gpu, model, source } = await trained();
    const controller = new AbortController();
    const seen: number[] = [];
    const onProgress = (done: number) => {
      seen.push(done);
      if (done === 8) controller.abort();
    };
    const { signal } = controller;
    const error = await evaluate({ gpu, model, source, batchSize: 4, signal, onProgress }).catch((thrown) => thrown);
    expect(error).toBe(signal.reason);
    expect(seen).toEqual([4, 8]);
    expect(model.training).toBe(true);
  });

  it('gives probabilities that sum to 1', async () => {
    const { gpu, model, source } = await trained(1);
    const { probabilities } = await evaluate({ gpu, model, source, batchSize: 32 });
    for (let n = 0; n < source.count; n++) {
      const sum = probabilities.subarray(4 * n, 4 * n + 4).reduce((total, p) => total + p, 0);
      expect(Math.abs(sum - 1)).toBeLessThan(1e-6);
    }
    const device = await gpu
      .scope(() => noGrad(() => softmax(model.eval().call(source.plain(Uint32Array.of(3)).images))))
      .data();
    expect(probabilities.subarray(12, 16).every((p, c) => Math.abs(p - device[c]) < 1e-5)).toBe(true);
  });
});
