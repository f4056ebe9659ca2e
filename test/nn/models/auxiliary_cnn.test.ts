import { describe, expect, it } from 'vitest';
import { AuxiliaryCNN } from '../../../src/nn/models/auxiliary_cnn.ts';
import { ContrastiveCNN } from '../../../src/nn/models/contrastive_cnn.ts';
import { CustomCNN, countParameters, type Module, summarize } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();
const OPTIONS = { width: 1 / 16, classes: 4, imageSize: 8 };

/** Names of the parameters that got a gradient other than 0. */
async function moved(model: Module): Promise<string[]> {
  const names: string[] = [];
  for (const [name, { grad }] of model.namedParameters()) {
    if (grad && (await grad.data()).some((value) => value !== 0)) names.push(name);
  }
  return names;
}

describe.each([
  ['AuxiliaryCNN', AuxiliaryCNN],
  ['ContrastiveCNN', ContrastiveCNN],
] as const)('%s', (_name, Model) => {
  it('decides as the CustomCNN of the same options', async () => {
    const { gpu } = held;
    const [model, plain] = [new Model(gpu, OPTIONS).eval(), new CustomCNN(gpu, OPTIONS).eval()];
    const images = randomTensor(gpu, [3, 8, 8, 3], 1);
    const logits = await model.call(images).data();
    expect(logits).toEqual(await plain.call(images).data());
    expect(await model.forwardBoth(images).logits.data()).toEqual(logits);
    expect(await model.extractFeatures(images).data()).toEqual(await plain.extractFeatures(images).data());
    expect(model.inferShape([3, 8, 8, 3])).toEqual([3, 4]);
    const counted = summarize(model, [1, 8, 8, 3]).rows.reduce((sum, row) => sum + row.parameters, 0);
    expect(counted).toBe(countParameters(model).parameters);
  });
});

describe('AuxiliaryCNN', () => {
  it('trains its inner blocks, and not the last one, by the second classifier', async () => {
    const { gpu } = held;
    const model = new AuxiliaryCNN(gpu, OPTIONS);
    gpu.scope(() => {
      const { auxiliary } = model.forwardBoth(randomTensor(gpu, [3, 8, 8, 3], 1));
      expect(auxiliary.shape).toEqual([3, 4]);
      auxiliary.backward(randomTensor(gpu, [3, 4], 2));
    });
    const names = await moved(model);
    expect(names).toContain('network.features.block1.conv1.weight');
    expect(names).toContain('network.features.block3.conv2.weight');
    expect(names).toContain('auxiliary.fc.weight');
    expect(names.filter((name) => /block4|classifier/.test(name))).toEqual([]);
  });
});
