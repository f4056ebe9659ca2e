import { describe, expect, it } from 'vitest';
import { ContrastiveCNN } from '../../../src/nn/models/contrastive_cnn.ts';
import type { Module, Tensor } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();

/** Names of the parameters that got a gradient other than 0. */
async function moved(model: Module): Promise<string[]> {
  const names: string[] = [];
  for (const [name, { grad }] of model.namedParameters()) {
    if (grad && (await grad.data()).some((value) => value !== 0)) names.push(name);
  }
  return names;
}

const OPTIONS = { width: 1 / 16, classes: 4, imageSize: 8 };

describe('ContrastiveCNN', () => {
  it('trains the blocks by the embeddings alone, and the classifier by the logits alone', async () => {
    const { gpu } = held;
    for (const [part, moves, stays] of [
      ['embeddings', /^network\.features|^projection/, /classifier/],
      ['logits', /classifier/, /features|projection/],
    ] as const) {
      const model = new ContrastiveCNN(gpu, { ...OPTIONS, embedding: 6, dropout: 0 });
      gpu.scope(() => {
        const output: Tensor = model.forwardBoth(randomTensor(gpu, [3, 8, 8, 3], 1))[part];
        output.backward(randomTensor(gpu, output.shape, 2));
      });
      const names = await moved(model);
      expect(names.filter((name) => moves.test(name)).length).toBeGreaterThan(2);
      expect(names.filter((name) => stays.test(name))).toEqual([]);
    }
    const embeddings = new ContrastiveCNN(gpu, { ...OPTIONS, embedding: 6 }).projection.inferShape([3, 32]);
    expect(embeddings).toEqual([3, 6]);
  });
});
