import type { z } from 'zod';
import { UserError } from '../../runtime/errors.ts';
import type { RunFolder } from './run_folder.ts';

/** What results.json of a folder must be. */
export interface ResultsKind<R> {
  format: string;
  version: number;
  schema: z.ZodType<R>;
}

/** What a run that is to go on has found so far. Throws UserError where its results are of another kind or version, or damaged. */
export async function readResults<R>(folder: RunFolder, { format, version, schema }: ResultsKind<R>): Promise<R> {
  const found = await folder.readJson('results.json');
  const about = (found ?? {}) as { format?: unknown; version?: unknown };
  const path = folder.file('results.json');
  if (about.format === format && typeof about.version === 'number' && about.version !== version) {
    throw new UserError(`${path} has version ${about.version}, expected ${version}; start a new run.`);
  }
  if (!schema.safeParse(found).success) {
    throw new UserError(`${path} is not that of a run of this version; start a new run.`);
  }
  // As it stands: parsing would change the order of the fields.
  return found as R;
}
