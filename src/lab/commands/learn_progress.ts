import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder, writeFileAtomically } from '../../node/atomic_file.ts';
import { UserError } from '../../runtime/errors.ts';

const progressSchema = z.object({
  /** Names of the exercises that are done. */
  done: z.array(z.string()),
  /** Hints given, by the names of the exercises. */
  hints: z.record(z.string(), z.number()),
});

/** How far a learner is. */
export type Progress = z.infer<typeof progressSchema>;

const fileIn = (folder: string) => join(folder, 'progress.json');

/** Reads a learner's progress; none where there is no file. Throws UserError where it is no such file. */
export async function readProgress(folder: string): Promise<Progress> {
  let text: string;
  try {
    text = await readFile(fileIn(folder), 'utf8');
  } catch {
    return { done: [], hints: {} };
  }
  try {
    return progressSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError(`${fileIn(folder)} does not hold what the exercises wrote there; remove it to begin anew.`, {
      cause,
    });
  }
}

/** Writes a learner's progress. */
export async function writeProgress(folder: string, progress: Progress): Promise<void> {
  await makeFolder(folder);
  await writeFileAtomically(fileIn(folder), `${JSON.stringify(progress, null, 2)}\n`);
}
