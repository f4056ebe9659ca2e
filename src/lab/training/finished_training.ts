import { z } from 'zod';
import { DeviceError, OutOfMemoryError } from '../../kernels/errors.ts';
import type { ImageClassifier } from '../../nn/models/image_classifier.ts';
import { downloadTensors, uploadTensors } from '../../nn/weights/host_tensor.ts';
import { CHECKPOINT_FORMAT } from '../../nn/weights/read_weights.ts';
import { type SafetensorsContent, writeSafetensors } from '../../nn/weights/safetensors.ts';
import { writeFileAtomically } from '../atomic_file.ts';
import { UserError } from '../user_error.ts';
import type { BatchSource } from './batch_source.ts';
import { damagedCheckpoint, epochRecord, readCheckpointFile } from './checkpoint.ts';
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
  const named = new Map([...model.stateDict()].map(([name, tensor]) => [`model.${name}`, tensor]));
  const { probabilities: data, targets } = evaluation;
  const probabilities = { shape: [targets.length, data.length / targets.length], data };
  const tensors = new Map([...(await downloadTensors(named)), [PROBABILITIES, probabilities] as const]);
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
  const { tensors, metadata } = await readCheckpointFile(path);
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) throw new UserError(`${path} is no checkpoint of this version; start a new run.`);
  if (parsed.data.configuration !== configuration) {
    throw new UserError(`${path} belongs to a run of another configuration; start a new run.`);
  }
  try {
    loadModel(model, tensors);
    const record = recordSchema.parse(JSON.parse(parsed.data.record));
    const probabilities = tensors.get(PROBABILITIES);
    if (!(probabilities?.data instanceof Float32Array)) throw new Error('There are no probabilities.');
    return { ...record, evaluation: evaluationOf(probabilities.data, test) };
  } catch (cause) {
    if (cause instanceof DeviceError || cause instanceof OutOfMemoryError) throw cause;
    throw damagedCheckpoint(path, cause);
  }
}

function loadModel(model: ImageClassifier, tensors: SafetensorsContent['tensors']): void {
  const { gpu } = model.parameters()[0];
  const own = [...tensors].flatMap(([name, tensor]) =>
    name.startsWith('model.') ? [[name.slice('model.'.length), tensor] as const] : [],
  );
  gpu.scope(() => model.loadStateDict(uploadTensors(gpu, new Map(own)), { strict: true }));
}
