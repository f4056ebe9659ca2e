import { z } from 'zod';
import type { ImageClassifier } from '../../nn/models/image_classifier.ts';
import { downloadTensors, uploadTensors } from '../../nn/weights/host_tensor.ts';
import { CHECKPOINT_FORMAT } from '../../nn/weights/read_weights.ts';
import { writeSafetensors } from '../../nn/weights/safetensors.ts';
import { writeFileAtomically } from '../atomic_file.ts';
import type { BatchSource } from './batch_source.ts';
import { epochRecord, openCheckpoint, prefixed, readCheckpointFile, unprefixed } from './checkpoint.ts';
import { type Evaluation, evaluationOf } from './evaluate.ts';

const VERSION = '1';

export const trainingTimings = z.strictObject({
  trainingSeconds: z.number(),
  epochSeconds: z.array(z.number()),
  /** In training. */
  imagesPerSecond: z.number(),
  evaluationSeconds: z.number(),
});

export type TrainingTimings = z.infer<typeof trainingTimings>;

const recordSchema = z.strictObject({ history: z.array(epochRecord), timings: trainingTimings });

/** What a training leaves for good, in place of its checkpoint. */
export interface FinishedTraining extends z.infer<typeof recordSchema> {
  evaluation: Evaluation;
}

const metadataSchema = z.object({
  format: z.literal(CHECKPOINT_FORMAT),
  finished: z.literal(VERSION),
  configuration: z.string(),
  record: z.string(),
});

const PROBABILITIES = 'test.probabilities';

/** Writes the network's weights, the probabilities it gave to the test images, and the record of its training, whole or not at all. */
export async function saveFinishedTraining(
  path: string,
  model: ImageClassifier,
  { evaluation, ...record }: FinishedTraining,
  configuration: string,
): Promise<void> {
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
  await writeFileAtomically(path, writeSafetensors(tensors, metadata));
}

/** Whether a file holds a finished training. Throws UserError where it cannot be read. */
export async function isFinishedTraining(path: string): Promise<boolean> {
  return (await readCheckpointFile(path)).metadata.finished !== undefined;
}

/**
 * Reads back what a finished training left, and its weights into the model.
 * test: the images it was tested on. Throws UserError where the file is damaged or another configuration's.
 */
export async function loadFinishedTraining(
  path: string,
  model: ImageClassifier,
  test: BatchSource,
  configuration: string,
): Promise<FinishedTraining> {
  const { gpu } = model.parameters()[0];
  const remedy = 'start a new run';
  return openCheckpoint(path, { schema: metadataSchema, configuration, remedy }, ({ tensors, metadata }) => {
    gpu.scope(() => model.loadStateDict(uploadTensors(gpu, unprefixed('model', tensors)), { strict: true }));
    const record = recordSchema.parse(JSON.parse(metadata.record));
    const probabilities = tensors.get(PROBABILITIES);
    if (!(probabilities?.data instanceof Float32Array)) throw new Error('There are no probabilities.');
    return { ...record, evaluation: evaluationOf(probabilities.data, test) };
  });
}
