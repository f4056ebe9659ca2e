import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { predictedClasses } from '../../metrics/classification.ts';
import { readSafetensors } from '../../nn/weights/safetensors.ts';
import { UserError } from '../../runtime/errors.ts';
import { readCheckpointFile } from '../../train/files/checkpoint_files.ts';
import { type Recipe, recipeName } from '../../train/recipe.ts';
import { PROBABILITIES } from '../../train/training_record.ts';
import type { Outcome } from './resampled_scores.ts';

/**
 * What a finished training's network says of the test images, from the record in its folder. Throws UserError where that is gone or damaged.
 * folder: as `wgrad train` leaves it.
 */
export async function testOutcome(folder: string, recipe: Recipe): Promise<Outcome> {
  const checkpoints = join(folder, 'checkpoints');
  const stem = recipeName(recipe);
  const names = await readdir(checkpoints).catch(() => []);
  // The first stage of a training in two stages has a record beside it, under a shorter name.
  const own = names.find(
    (name) => name.startsWith(`${stem}-`) && /^[0-9a-f]{8}\.safetensors$/.test(name.slice(stem.length + 1)),
  );
  if (own === undefined) {
    throw new UserError(
      `${checkpoints} lacks the record of the training; remove ${folder}, and run the command again.`,
    );
  }
  const { tensors } = readSafetensors((await readCheckpointFile(join(checkpoints, own))).bytes);
  const probabilities = tensors.get(PROBABILITIES);
  if (!(probabilities?.data instanceof Float32Array)) {
    throw new UserError(
      `${join(checkpoints, own)} holds no test results; remove ${folder}, and run the command again.`,
    );
  }
  return predictedClasses(probabilities.data, probabilities.shape[1]);
}
