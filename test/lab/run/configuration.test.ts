import { describe, expect, it } from 'vitest';
import {
  configurationSchema,
  configure,
  differencesFromFull,
  formatDifference,
  widthOf,
} from '../../../src/lab/run/configuration.ts';
import { PRESET_NAMES, PRESETS } from '../../../src/lab/run/presets.ts';
import type { ModelName } from '../../../src/nn/models/index.ts';

const given = { data: 'cifar10', seed: 42 } as const;

describe('configure', () => {
  it.each(PRESET_NAMES)('takes the values of %s', (preset) => {
    const { summary, ...values } = PRESETS[preset];
    expect(configure(preset, given)).toEqual({
      preset,
      ...given,
      ...values,
      seeds: 1,
      pretrained: null,
      improvements: null,
    });
  });

  it('puts what was given in their place, and nothing where it was left out', () => {
    const configuration = configure('smoke', { ...given, epochs: 9, width: undefined, maxPerClass: 7 });
    expect(configuration).toMatchObject({ widths: PRESETS.smoke.widths, maxPerClass: 7, preset: 'smoke' });
    expect(configuration.epochs).toEqual({ ps2: 9, ps3: 9, ps4: 9, ps6: 9, ps7: 9 });
    expect(configure('smoke', { ...given, width: 0.5 }).widths).toEqual({
      customCnn: 0.5,
      resnet: 0.5,
      efficientnet: 0.5,
    });
  });

  it('puts the epochs and the batch size that were given in their place also where EfficientNet-B0 has its own', () => {
    const { lr, schedule, stochasticDepth } = PRESETS.quick.efficientnet;
    const kept = { lr, schedule, stochasticDepth };
    expect(configure('quick', { ...given, epochs: 9, batchSize: 8 })).toMatchObject({
      batchSize: 8,
      efficientnet: { epochs: 9, batchSize: 8, ...kept },
    });
  });

  it('survives JSON to the letter, so that a run knows its checkpoints', () => {
    const configuration = configure('quick', { width: 1 / 3, imbalance: 1.1, ...given });
    const parsed = configurationSchema.parse(JSON.parse(JSON.stringify(configuration)));
    expect(JSON.stringify(parsed)).toBe(JSON.stringify(configuration));
    const { seed, ...rest } = configuration;
    expect(JSON.stringify(configurationSchema.parse({ seed, ...rest }))).toBe(JSON.stringify(configuration));
  });

  it.each([
    { epochs: { ...configure('smoke', given).epochs, ps3: 0 } },
    { epochs: { ...configure('smoke', given).epochs, ps3: 1.5 } },
    { epochs: 3 },
    { widths: { customCnn: 0, resnet: 1, efficientnet: 1 } },
    { seeds: 0 },
    { batchSize: -1 },
    { efficientnet: { ...configure('smoke', given).efficientnet, schedule: 'nosuch' } },
    { imbalance: 0.9 },
    { seed: -1 },
    { data: 3 },
    { extra: 1 },
  ])('the schema refuses %o', (change) => {
    expect(configurationSchema.safeParse({ ...configure('smoke', given), ...change }).success).toBe(false);
  });
});

describe('widthOf', () => {
  it('gives each network the width of its family', () => {
    const widths = { customCnn: 1, resnet: 2, efficientnet: 3 };
    expect(widthOf({ widths }, 'custom-cnn')).toBe(1);
    expect(widthOf({ widths }, 'resnet18' as ModelName)).toBe(2);
    expect(widthOf({ widths }, 'efficientnet-b0' as ModelName)).toBe(3);
  });
});

describe('differencesFromFull', () => {
  it("is empty for the lab's own figures", () => {
    expect(differencesFromFull(configure('full', given))).toEqual([]);
  });

  it('names each value that differs, and another dataset', () => {
    const configuration = configure('full', { ...given, data: 'mnist', epochs: 3, testPerClass: 50 });
    expect(differencesFromFull(configuration).map(formatDifference)).toEqual([
      'data mnist instead of cifar10',
      'epochs of PS2 3 instead of 12',
      'epochs of PS3 3 instead of 15',
      'epochs of PS4 3 instead of 12',
      'epochs of PS6 3 instead of 10',
      'epochs of PS7 3 instead of 12',
      'epochs of EfficientNet-B0 3 instead of 15',
      'test images per class 50 instead of all',
    ]);
  });

  it('names in which way EfficientNet-B0 is trained otherwise than in the lab', () => {
    const efficientnet = { epochs: 2, batchSize: 3, lr: 0.5, schedule: 'step', stochasticDepth: 0 } as const;
    expect(differencesFromFull({ ...configure('full', given), efficientnet }).map(formatDifference)).toEqual([
      'epochs of EfficientNet-B0 2 instead of 15',
      'batch size of EfficientNet-B0 3 instead of 128',
      'learning rate of EfficientNet-B0 0.5 instead of 0.001',
      'schedule of EfficientNet-B0 step instead of constant',
      'stochastic depth of EfficientNet-B0 0 instead of 0.2',
    ]);
  });
});
