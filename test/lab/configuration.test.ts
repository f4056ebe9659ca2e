import { describe, expect, it } from 'vitest';
import { configurationSchema, configure, differencesFromFull } from '../../src/lab/configuration.ts';
import { PRESET_NAMES, PRESETS } from '../../src/lab/presets.ts';

const given = { data: 'cifar10', seed: 42 } as const;

describe('configure', () => {
  it.each(PRESET_NAMES)('takes the values of %s', (preset) => {
    const { summary, ...values } = PRESETS[preset];
    expect(configure(preset, given)).toEqual({ preset, ...given, ...values });
  });

  it('puts what was given in their place, and nothing where it was left out', () => {
    const configuration = configure('smoke', { ...given, epochs: 9, width: undefined, maxPerClass: 7 });
    expect(configuration).toMatchObject({ epochs: 9, width: PRESETS.smoke.width, maxPerClass: 7, preset: 'smoke' });
  });

  it('survives JSON to the letter, so that a run knows its checkpoints', () => {
    const configuration = configure('quick', { width: 1 / 3, imbalance: 1.1, ...given });
    const parsed = configurationSchema.parse(JSON.parse(JSON.stringify(configuration)));
    expect(JSON.stringify(parsed)).toBe(JSON.stringify(configuration));
    const { seed, ...rest } = configuration;
    expect(JSON.stringify(configurationSchema.parse({ seed, ...rest }))).toBe(JSON.stringify(configuration));
  });

  it.each([
    { epochs: 0 },
    { epochs: 1.5 },
    { width: 0 },
    { batchSize: -1 },
    { imbalance: 0.9 },
    { seed: -1 },
    { data: 'nosuch' },
    { extra: 1 },
  ])('the schema refuses %o', (change) => {
    expect(configurationSchema.safeParse({ ...configure('smoke', given), ...change }).success).toBe(false);
  });
});

describe('differencesFromFull', () => {
  it("is empty for the lab's own figures", () => {
    expect(differencesFromFull(configure('full', given))).toEqual([]);
  });

  it('names each value that differs, and another dataset', () => {
    const configuration = configure('full', { ...given, data: 'mnist', epochs: 3, testPerClass: 50 });
    expect(differencesFromFull(configuration)).toEqual([
      'epochs 3 instead of 15',
      'testPerClass 50 instead of all',
      'mnist instead of cifar10',
    ]);
  });
});
