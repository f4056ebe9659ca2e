import { describe, expect, it } from 'vitest';
import { BatchSource } from '../../../src/data/batch_source.ts';
import { extractFeatures } from '../../../src/lab/features/extract_features.ts';
import { noGrad } from '../../../src/node.ts';
import { train } from '../../../src/train/trainer.ts';
import { useGpu } from '../../gpu.ts';
import { tinyDataset, tinyTraining } from '../../train/tiny_training.ts';

const held = useGpu();

async function trained() {
  const task = tinyTraining(held.gpu, { epochs: 1 });
  await train(task);
  const dataset = tinyDataset();
  return { gpu: held.gpu, model: task.model, source: new BatchSource(held.gpu, dataset, dataset.test) };
}

describe('extractFeatures', () => {
  it('gives what the classifier decides by, for as many images of each class, in their order', async () => {
    const { gpu, model, source } = await trained();
    const { values, dimensions, labels, positions } = await extractFeatures({
      gpu,
      model,
      source,
      batchSize: 5,
      most: 15,
    });
    // The labels go 0, 1, 2, 3, 0, …: three of each are the first twelve.
    expect([...positions]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect([...labels]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
    expect([dimensions, values.length]).toEqual([32, 12 * 32]);
    expect(model.training).toBe(true);

    model.eval();
    const batch = source.plain(positions);
    const features = noGrad(() => model.extractFeatures(batch.images));
    const expected = await features.data();
    expect(features.shape).toEqual([12, 32]);
    // Means of products of some hundred float32 values of size 1, in another order for another batch.
    for (const [i, value] of values.entries()) expect(Math.abs(value - expected[i])).toBeLessThan(1e-5);
    const logits = await noGrad(() => model.classifier.call(features)).data();
    const direct = await noGrad(() => model.call(batch.images)).data();
    for (const [i, value] of logits.entries()) expect(Math.abs(value - direct[i])).toBeLessThan(1e-5);
    expect(Math.max(...values)).toBeGreaterThan(0.01);
  });

  it('takes all images where there are no more than asked for', async () => {
    const { gpu, model, source } = await trained();
    const { positions } = await extractFeatures({ gpu, model, source, batchSize: 16 });
    expect([...positions]).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('refuses fewer images than classes, and stops at a signal', async () => {
    const { gpu, model, source } = await trained();
    await expect(extractFeatures({ gpu, model, source, batchSize: 4, most: 3 })).rejects.toThrow(
      'extractFeatures: at most 3 images of 4 classes, expected one of each or more.',
    );
    const controller = new AbortController();
    const { signal } = controller;
    const seen: number[] = [];
    const onProgress = (done: number) => {
      seen.push(done);
      controller.abort();
    };
    const task = { gpu, model, source, batchSize: 4, signal, onProgress };
    expect(await extractFeatures(task).catch((error) => error)).toBe(signal.reason);
    expect(seen).toEqual([4]);
    expect(model.training).toBe(true);
  });
});
