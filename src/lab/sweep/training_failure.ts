import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder, writeFileAtomically } from '../../node/atomic_file.ts';

/** Why a training of a study ended before its time; in its folder until it is begun again. */
const failureSchema = z.object({
  /** One sentence. */
  reason: z.string(),
});

const fileOf = (folder: string) => join(folder, 'failed.json');

/** Writes down why a training ended. Where the disk has no room for that, nothing is written. */
export async function noteFailure(folder: string, { message }: Error): Promise<void> {
  try {
    await makeFolder(folder);
    await writeFileAtomically(fileOf(folder), `${JSON.stringify({ reason: message }, null, 2)}\n`);
  } catch {
    // What ended it is reported all the same, and says more.
  }
}

/** Why a training ended; undefined where nothing is known of that. */
export async function readFailure(folder: string): Promise<string | undefined> {
  try {
    return failureSchema.parse(JSON.parse(await readFile(fileOf(folder), 'utf8'))).reason;
  } catch {
    return undefined;
  }
}

/** Forgets it, as the training is begun again. */
export async function clearFailure(folder: string): Promise<void> {
  await rm(fileOf(folder), { force: true });
}
