import { describe, expect, it } from 'vitest';
import { createModel, MODEL_NAMES, type ModelName } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';

const held = useGpu();

describe('createModel', () => {
  it.each(MODEL_NAMES)('makes %s for the images and classes asked for', (name) => {
    const options = { classes: 7, channels: 1, width: 1 / 8, imageSize: 28 };
    const model = createModel(held.gpu, name, options);
    expect(model.classes).toBe(7);
    expect(model.imageShape).toEqual([28, 28, 1]);
    expect(model.inferShape([3, 28, 28, 1])).toEqual([3, 7]);
  });

  it('draws other first weights by another seed, the same ones by the same', async () => {
    const weights = async (seed: number) => {
      const model = createModel(held.gpu, 'custom-cnn', { width: 1 / 16, seed });
      return Promise.all(model.parameters().map((parameter) => parameter.data()));
    };
    expect(await weights(1)).toEqual(await weights(1));
    expect(await weights(1)).not.toEqual(await weights(2));
  });

  it.each([
    ['classes', 0],
    ['classes', -3],
    ['classes', 1.5],
    ['channels', 0],
    ['imageSize', Number.NaN],
    ['width', 0],
    ['width', 1e9],
  ])('refuses %s %s for every network', (option, value) => {
    for (const name of MODEL_NAMES) {
      expect(() => createModel(held.gpu, name, { [option]: value })).toThrow(`createModel: ${option} must be`);
    }
  });

  it('lists the names where there is no such model', () => {
    expect(() => createModel(held.gpu, 'vgg' as ModelName)).toThrow(
      `There is no model 'vgg'; the models are: ${MODEL_NAMES.join(', ')}.`,
    );
  });
});
