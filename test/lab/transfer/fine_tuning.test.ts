import { describe, expect, it } from 'vitest';
import type { WeightsFile } from '../../../src/lab/run/weights_file.ts';
import { startingFrom } from '../../../src/lab/transfer/fine_tuning.ts';

/** A file of weights of which the first kernel is so large. */
function weights(kernel: number, recorded?: WeightsFile['recorded']): WeightsFile {
  const shape = [4, 3, kernel, kernel];
  const data = new Float32Array(12 * kernel * kernel);
  return { path: 'w.pth', weights: new Map([['conv1.weight', { shape, data }]]), recorded, sha256: 'a'.repeat(64) };
}

describe('startingFrom', () => {
  it('takes network, width and normalisation from the file, and the rest from the options', () => {
    const recorded = { model: 'resnet20', width: 0.5, mean: [0.1, 0.2, 0.3], std: [1, 2, 3] } as const;
    const file = weights(3, { ...recorded, mean: [...recorded.mean], std: [...recorded.std] });
    const given = startingFrom({ freeze: ['features'], headLr: 0.1, lr: 0.2 }, file);
    expect(given).toMatchObject({ model: 'resnet20', width: 0.5, lr: 0.2 });
    const { mean, std } = recorded;
    expect(given.fineTuning).toEqual({ weights: 'a'.repeat(64), freeze: ['features'], headLr: 0.1, mean, std });
    expect(startingFrom({ mean: [0, 0, 0] }, file).fineTuning).toMatchObject({ mean: [0, 0, 0], std });
    expect(() => startingFrom({ width: 1 }, file)).toThrow(
      '--width 1 contradicts the weights w.pth, which are of a network with width 0.5; leave the option out.',
    );
  });

  it('takes the form for large images where the weights have it and the images are large', () => {
    const form = (kernel: number, given: object) =>
      startingFrom({ model: 'resnet34', data: './photos', ...given }, weights(kernel)).form;
    expect(form(7, { imageSize: 64 })).toBe('imagenet');
    expect(form(7, { imageSize: 63 })).toBeUndefined();
    expect(form(7, {})).toBeUndefined();
    expect(form(3, { imageSize: 64 })).toBeUndefined();
    expect(form(7, { imageSize: 64, form: 'cifar' })).toBe('cifar');
    expect(form(7, { imageSize: 64, data: 'cifar10' })).toBeUndefined();
    expect(form(7, { imageSize: 64, model: 'efficientnet-b0' })).toBeUndefined();
  });

  it('leaves a training without weights as it is', () => {
    const given = { lr: 0.1 };
    expect(startingFrom(given, undefined)).toBe(given);
  });
});
