import { describe, expect, it } from 'vitest';
import {
  configurationSchema,
  configure,
  differencesFromFull,
  formatDifference,
  widthOf,
} from '../../src/lab/configuration.ts';
import { PRESET_NAMES, PRESETS } from '../../src/lab/presets.ts';
import type { ModelName } from '../../src/nn/models/index.ts';

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
    { imbalance: 0.9 },
    { seed: -1 },
    { data: 'nosuch' },
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
      'test images per class 50 instead of all',
    ]);
  });
});
