import { z } from 'zod';
import type { BatchSource } from '../data/batch_source.ts';
import type { Module } from '../nn/module.ts';
import { downloadTensors, uploadTensors } from '../nn/weights/host_tensor.ts';
import { CHECKPOINT_FORMAT } from '../nn/weights/read_weights.ts';
import { writeSafetensors } from '../nn/weights/safetensors.ts';
import {
  type CheckpointFile,
  contentOf,
  openCheckpoint,
  prefixed,
  UNSEALED_VERSION,
  unprefixed,
  VERSION,
} from './checkpoint.ts';
import { epochRecord } from './epoch_record.ts';
import { type Evaluation, evaluationOf } from './evaluation.ts';

export const trainingTimings = z.strictObject({
  trainingSeconds: z.number(),
  epochSeconds: z.array(z.number()),
  /** In training. */
  imagesPerSecond: z.number(),
  evaluationSeconds: z.number(),
});

const recordSchema = z.strictObject({
  /** The epoch whose weights these are, where it was chosen by validation images. */
  keptEpoch: z.number().int().optional(),
  history: z.array(epochRecord),
  /** In half precision: the steps that were skipped. */
  skippedSteps: z.number().int().optional(),
  timings: trainingTimings,
});

/** What a training leaves for good, in place of its checkpoint. */
export interface TrainingRecord extends z.infer<typeof recordSchema> {
  evaluation: Evaluation;
}

const metadataSchema = z.object({
  format: z.literal(CHECKPOINT_FORMAT),
  finished: z.enum([UNSEALED_VERSION, VERSION]),
  configuration: z.string(),
  record: z.string(),
});

/** The name of the tensor that holds the probabilities of the test images, [N, C]. */
export const PROBABILITIES = 'test.probabilities';

/** The network's weights, the probabilities it gave to the test images, and the record of its training as one safetensors file. */
export async function encodeTrainingRecord(
  model: Module,
  { evaluation, ...record }: TrainingRecord,
  configuration: string,
): Promise<Uint8Array> {
  const { probabilities: data, targets } = evaluation;
  const probabilities = { shape: [targets.length, data.length / targets.length], data };
  const tensors = new Map([
    ...(await downloadTensors(prefixed('model', model.stateDict()))),
    [PROBABILITIES, probabilities] as const,
  ]);
  const metadata = {
    format: CHECKPOINT_FORMAT,
    finished: VERSION,
    configuration,
    record: JSON.stringify(record),
  };
  return writeSafetensors(tensors, metadata, { sealed: true });
}

/** Whether a file holds a finished training. Throws UserError where it is damaged. */
export function isTrainingRecord(file: CheckpointFile): boolean {
  return contentOf(file).metadata.finished !== undefined;
}

/**
 * Reads back what a finished training left, and its weights into the model.
 * test: the images it was tested on. Throws UserError where the file is damaged or another configuration's.
 */
export function decodeTrainingRecord(
  file: CheckpointFile,
  model: Module,
  test: BatchSource,
  configuration: string,
): TrainingRecord {
  const { gpu } = model.parameters()[0];
  const remedy = 'start a new run';
  return openCheckpoint(file, { schema: metadataSchema, configuration, remedy }, ({ tensors, metadata }) => {
    gpu.scope(() => model.loadStateDict(uploadTensors(gpu, unprefixed('model', tensors)), { strict: true }));
    const record = recordSchema.parse(JSON.parse(metadata.record));
    const probabilities = tensors.get(PROBABILITIES);
    if (!(probabilities?.data instanceof Float32Array)) throw new Error('There are no probabilities.');
    return { ...record, evaluation: evaluationOf(probabilities.data, test) };
  });
}
