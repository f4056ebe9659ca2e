import { z } from 'zod';
import { DATASET_NAMES } from './data/dataset.ts';
import { PRESET_NAMES, PRESETS, type PresetName } from './presets.ts';

/** Everything that decides what a run computes. Written to results.json; two runs of one configuration on one adapter give the same figures. */
export const configurationSchema = z.strictObject({
  preset: z.enum(PRESET_NAMES as [PresetName, ...PresetName[]]),
  data: z.enum(DATASET_NAMES),
  seed: z.number().int().min(0),
  dropout: z.number().min(0).max(1),
  width: z.number().positive(),
  epochs: z.number().int().min(1),
  batchSize: z.number().int().min(1),
  imbalance: z.number().min(1),
  maxPerClass: z.number().int().min(1),
  testPerClass: z.number().int().min(1).nullable(),
});

export type Configuration = z.infer<typeof configurationSchema>;

/** The preset's values, with those that were given in their place. */
export function configure(
  preset: PresetName,
  given: Partial<Configuration> & Pick<Configuration, 'data' | 'seed'>,
): Configuration {
  const { width, dropout, epochs, batchSize, maxPerClass, imbalance, testPerClass } = PRESETS[preset];
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return configurationSchema.parse({
    preset,
    width,
    dropout,
    epochs,
    batchSize,
    maxPerClass,
    imbalance,
    testPerClass,
    ...set,
  });
}

/** How a configuration differs from the lab's own figures, as phrases; empty where it does not. */
export function differencesFromFull(configuration: Configuration): string[] {
  const full = PRESETS.full;
  const phrases: string[] = [];
  for (const key of ['width', 'dropout', 'epochs', 'batchSize', 'imbalance', 'maxPerClass', 'testPerClass'] as const) {
    if (configuration[key] !== full[key]) phrases.push(`${key} ${configuration[key]} instead of ${full[key] ?? 'all'}`);
  }
  if (configuration.data !== 'cifar10') phrases.push(`${configuration.data} instead of cifar10`);
  return phrases;
}
