import { z } from 'zod';
import { blockSchema } from '../run/blocks.ts';
import { datasetSchema, environmentSchema } from '../run/lab_results.ts';
import { sweepSchema } from '../sweep/sweep_file.ts';

const VERSION = 1;

const estimate = { value: z.number(), low: z.number(), high: z.number(), error: z.number() };
const difference = z.strictObject({
  ...estimate,
  p: z.number(),
  pHolm: z.number(),
  imagesNeeded: z.number().nullable(),
});

/** What decides a comparison. */
const configurationSchema = z.strictObject({
  /** The trainings: the baseline and the remedies are its variants. */
  study: sweepSchema,
  /** The score that decides. */
  by: z.string(),
  /** Seconds of training, or as long as it takes. */
  budget: z.number().nullable(),
});

export type ComparisonConfiguration = z.infer<typeof configurationSchema>;

/** results.json of a comparison. Everything but `timings` is the same for the same configuration and adapter. */
const comparisonSchema = z.strictObject({
  format: z.literal('wgrad-comparison'),
  version: z.literal(VERSION),
  configuration: configurationSchema,
  environment: environmentSchema.nullable(),
  dataset: datasetSchema.nullable(),
  /** null until all is trained and tested. */
  outcome: z
    .strictObject({
      /** Test images of each class. */
      testCounts: z.array(z.number().int()),
      /** The baseline first. */
      compared: z.array(
        z.strictObject({
          name: z.string(),
          seeds: z.number().int(),
          scores: z.record(z.string(), z.strictObject(estimate)),
          differences: z.record(z.string(), difference).optional(),
          recalls: z.array(z.strictObject({ value: z.number(), low: z.number(), high: z.number() })),
        }),
      ),
      /** Remedies that were given up under a budget. */
      dropped: z.array(z.strictObject({ name: z.string(), seeds: z.number().int(), validation: z.number() })),
      /** Remedies of which a training had no finite loss. */
      diverged: z.array(z.string()),
      winner: z.string().nullable(),
      answer: z.array(z.string()),
      /** Of the report, without its figures. */
      section: z.array(blockSchema),
    })
    .nullable(),
  /** Mean seconds of a training. */
  timings: z.record(z.string(), z.number()),
});

export type ComparisonResults = z.infer<typeof comparisonSchema>;

export const COMPARISON_RESULTS = { format: 'wgrad-comparison', version: VERSION, schema: comparisonSchema };

/** A comparison that begins. */
export function newComparison(configuration: ComparisonConfiguration): ComparisonResults {
  return {
    ...{ format: 'wgrad-comparison', version: VERSION, configuration },
    ...{ environment: null, dataset: null, outcome: null, timings: {} },
  };
}
