import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../../node/atomic_file.ts';
import { UserError } from '../../runtime/errors.ts';
import {
  type Checkpointed,
  type CheckpointFile,
  decodeCheckpoint,
  encodeCheckpoint,
  type TrainingPosition,
} from '../checkpoint.ts';
import { encodeTrainingRecord } from '../training_record.ts';

/** Reads a checkpoint or the record of a training. Throws UserError where that cannot be done. */
export async function readCheckpointFile(path: string): Promise<CheckpointFile> {
  const bytes = await readFile(path).catch((cause) => {
    throw new UserError(`The checkpoint ${path} cannot be read; delete it to train from the beginning.`, { cause });
  });
  return { path, bytes };
}

/** Writes a checkpoint, whole or not at all; see `encodeCheckpoint`. Where that throws, the file is left as it was. */
export async function saveCheckpoint(
  path: string,
  state: Checkpointed,
  position: TrainingPosition,
  configuration: string,
): Promise<void> {
  await writeFileAtomically(path, await encodeCheckpoint(state, position, configuration));
}

/** Reads a checkpoint back into model, optimizer and schedule; see `decodeCheckpoint`. Throws UserError where the file cannot be read. */
export async function loadCheckpoint(
  path: string,
  state: Checkpointed,
  configuration: string,
): Promise<TrainingPosition> {
  return decodeCheckpoint(await readCheckpointFile(path), state, configuration);
}

/** Writes what a finished training leaves, whole or not at all; see `encodeTrainingRecord`. */
export async function saveTrainingRecord(
  path: string,
  ...record: Parameters<typeof encodeTrainingRecord>
): Promise<void> {
  await writeFileAtomically(path, await encodeTrainingRecord(...record));
}
