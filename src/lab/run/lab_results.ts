import { z } from 'zod';
import type { ScoreName } from '../../metrics/scores.ts';
import { epochRecord } from '../../train/epoch_record.ts';
import { recordedRecipe } from '../../train/recipe.ts';
import { trainingTimings } from '../../train/training_record.ts';
import { blockSchema } from './blocks.ts';
import { configurationSchema } from './configuration.ts';

/** Version of results.json: raised when a field changes its meaning or goes away. */
export const LAB_RESULTS_VERSION = 2;

const score = z.number().min(0).max(1);
const scoreOrNull = score.nullable();

/** One training: what was trained, how it went, and how the network did on the test images. */
export const trainingSchema = z.strictObject({
  /** 'custom-cnn-focal-adam', with the variant where there is one. */
  name: z.string(),
  recipe: recordedRecipe,
  /** What the recipe cannot say, by name. */
  variant: z.string().nullable(),
  /** Whether it was trained and tested on the run's images; false for a pretraining, whose scores are of another task. */
  ownData: z.boolean(),
  parameters: z.number().int(),
  trainableParameters: z.number().int(),
  history: z.array(epochRecord),
  /** The epoch whose weights were kept and tested, where that was chosen by validation images. */
  keptEpoch: z.number().int().optional(),
  /** In half precision: the steps that were skipped, as their gradients were not finite. */
  skippedSteps: z.number().int().optional(),
  test: z.looseObject({
    /** Mean cross-entropy. */
    loss: z.number(),
    samples: z.number().int(),
    accuracy: score,
    balancedAccuracy: score,
    macro: z.looseObject({ f1: score }).optional(),
    precision: score,
    recall: score,
    f1: score,
    rocAuc: scoreOrNull,
    averagePrecision: scoreOrNull,
    expectedCalibrationError: score,
    /** [true class][predicted class] */
    confusion: z.array(z.array(z.number().int())),
    perClass: z.array(z.looseObject({ precision: score, recall: score, f1: score, support: z.number().int() })),
  }),
});

const experimentSchema = z.strictObject({
  status: z.enum(['done', 'failed', 'stopped']),
  title: z.string(),
  question: z.string(),
  /** Why it failed. */
  reason: z.string().optional(),
  /** What it found, for programs; docs/lab.md says what each experiment writes here. */
  results: z.record(z.string(), z.unknown()),
  /** What it found, for people. */
  section: z.array(blockSchema),
});

export const environmentSchema = z.looseObject({
  wgrad: z.string(),
  node: z.string(),
  webgpu: z.string(),
  platform: z.string(),
});

export const datasetSchema = z.strictObject({
  name: z.string(),
  source: z.string(),
  classNames: z.array(z.string()),
  trainingImages: z.number().int(),
  testImages: z.number().int(),
  /** Training images of each class in the long tail. */
  trainingCounts: z.array(z.number().int()),
  measuredRatio: z.number(),
  /** Test images used. */
  tested: z.number().int(),
  /** Test images used of each class. */
  testCounts: z.array(z.number().int()).optional(),
});

/** results.json: what a run was, and what it found. Everything but `timings` is the same for the same configuration and adapter. */
export const labResultsSchema = z.strictObject({
  format: z.literal('wgrad-results'),
  version: z.literal(LAB_RESULTS_VERSION),
  configuration: configurationSchema,
  /** The experiments that the run was asked for. */
  requested: z.array(z.string()),
  /** Of a part of a run: which of how many, and the experiments of the whole. */
  shard: z.strictObject({ index: z.number().int(), of: z.number().int(), requested: z.array(z.string()) }).optional(),
  environment: environmentSchema,
  dataset: datasetSchema,
  /** By the name of their checkpoints. */
  trainings: z.record(z.string(), trainingSchema),
  experiments: z.record(z.string(), experimentSchema),
  timings: z.strictObject({
    startedAt: z.string(),
    trainings: z.record(z.string(), trainingTimings),
    /** Seconds, and what the experiment measured. */
    experiments: z.record(z.string(), z.looseObject({ seconds: z.number() })),
  }),
});

/** A score of a training's test. */
export function scoreOfTest(test: TrainingResults['test'], name: ScoreName): number | null {
  return name === 'macroF1' ? (test.macro?.f1 ?? null) : test[name];
}

/** results.json of a run of the lab. */
export type LabResults = z.infer<typeof labResultsSchema>;
export type DatasetResults = z.infer<typeof datasetSchema>;
export type TrainingResults = z.infer<typeof trainingSchema>;
export type ExperimentResults = z.infer<typeof experimentSchema>;

/** What results.json of a run of the lab is. */
export const LAB_RESULTS = { format: 'wgrad-results', version: LAB_RESULTS_VERSION, schema: labResultsSchema };
