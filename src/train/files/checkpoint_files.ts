import { copyFile, readFile, rm } from 'node:fs/promises';
import { explain, writeFileAtomically } from '../../node/atomic_file.ts';
import { UserError } from '../../runtime/errors.ts';
import {
  type Checkpointed,
  type CheckpointFile,
  contentOf,
  DamagedCheckpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  type TrainingPosition,
} from '../checkpoint.ts';
import { encodeTrainingRecord } from '../training_record.ts';

/** Where the checkpoint before the newest one stands. */
function olderCheckpoint(path: string): string {
  return `${path}.previous`;
}

/** Where the last checkpoint of a finished training stands, where it is kept. */
export function lastCheckpoint(path: string): string {
  return `${path}.last`;
}

/** Keeps a checkpoint beside the record that is to take its place. Throws UserError where it cannot be written. */
export async function keepLastCheckpoint(path: string): Promise<void> {
  const kept = lastCheckpoint(path);
  await copyFile(path, kept).catch((error) => {
    throw explain(kept, error);
  });
}

/** Reads a checkpoint or the record of a training. Throws UserError where that cannot be done. */
export async function readCheckpointFile(path: string): Promise<CheckpointFile> {
  const file = await readIfThere(path);
  if (file) return file;
  throw new UserError(`The checkpoint ${path} cannot be read: there is no such file.`);
}

async function readIfThere(path: string): Promise<CheckpointFile | undefined> {
  try {
    return { path, bytes: await readFile(path) };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UserError(`The checkpoint ${path} cannot be read; delete it to train from the beginning.`, { cause });
  }
}

/**
 * Reads the newest checkpoint, or the record of a training, that is whole: where it is damaged the one before it, and tells `say` so. Undefined
 * where there is none. Throws UserError where none of those that are there is whole.
 */
export async function readNewestCheckpoint(
  path: string,
  say: (text: string) => void = () => {},
): Promise<CheckpointFile | undefined> {
  const newest = await readIfThere(path);
  const older = await readIfThere(olderCheckpoint(path));
  if (newest === undefined) {
    if (older) contentOf(older);
    return older;
  }
  try {
    contentOf(newest);
    return newest;
  } catch (error) {
    if (!(error instanceof DamagedCheckpoint) || older === undefined) throw error;
    contentOf(older);
    say(`${error.clause}; going on from the checkpoint before it, ${older.path}.`);
    return older;
  }
}

/**
 * Writes a checkpoint, whole or not at all; see `encodeCheckpoint`. What stood there before is kept beside it, see `olderCheckpoint`. Where it
 * throws, the file is left as it was.
 */
export async function saveCheckpoint(
  path: string,
  state: Checkpointed,
  position: TrainingPosition,
  configuration: string,
): Promise<void> {
  const bytes = await encodeCheckpoint(state, position, configuration);
  // A damaged one is not to push the good one before it out.
  const before = await readIfThere(path).catch(() => undefined);
  const keepAs = before && isWhole(before) ? olderCheckpoint(path) : undefined;
  await writeFileAtomically(path, bytes, { keepAs });
}

function isWhole(file: CheckpointFile): boolean {
  try {
    contentOf(file);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads a checkpoint, or where it is damaged the one before it, back into model, optimizer and schedule; see `decodeCheckpoint`. say: told which where
 * it is not the newest. Throws UserError where no file can be read.
 */
export async function loadCheckpoint(
  path: string,
  state: Checkpointed,
  configuration: string,
  say?: (text: string) => void,
): Promise<TrainingPosition> {
  const file = (await readNewestCheckpoint(path, say)) ?? (await readCheckpointFile(path));
  return decodeCheckpoint(file, state, configuration);
}

/**
 * Writes what a finished training leaves, whole or not at all, and removes the checkpoint before it, which nobody needs any more; see
 * `encodeTrainingRecord`.
 */
export async function saveTrainingRecord(
  path: string,
  ...record: Parameters<typeof encodeTrainingRecord>
): Promise<void> {
  await writeFileAtomically(path, await encodeTrainingRecord(...record));
  await rm(olderCheckpoint(path), { force: true });
}
