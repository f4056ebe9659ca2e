import { readdir } from 'node:fs/promises';
import type { TrainingData } from '../../data/training_data.ts';
import { UserError } from '../../runtime/errors.ts';
import { contentOf } from '../../train/checkpoint.ts';
import { lastCheckpoint, readCheckpointFile } from '../../train/files/checkpoint_files.ts';
import { type EarlierEnd, prolong } from '../run/continuation.ts';
import { readResults } from '../run/results_file.ts';
import { RunFolder } from '../run/run_folder.ts';
import { startOf, TRAIN_RESULTS, type TrainingConfiguration, type TrainResults } from '../run/train_results.ts';
import { identify } from '../run/training_identity.ts';

/** A finished training that another goes on with. */
export interface ProlongedTraining {
  /** Of the training that goes on. */
  configuration: TrainingConfiguration;
  /** The kernels that the finished one took. */
  rungs: unknown;
  /** What becomes of its schedule, in words. */
  line: string;
}

/**
 * The training that goes on with a finished one, to `epochs` in all. The folder stays as it is.
 * @throws UserError where there is no finished training in it, none that can be prolonged, or where it has as many epochs already.
 */
export async function prolongedTraining(path: string, epochs: number | undefined): Promise<ProlongedTraining> {
  const folder = await RunFolder.view(path);
  const { configuration, training, environment } = await readResults<TrainResults>(folder, TRAIN_RESULTS);
  if (training === null) {
    throw new UserError(`${path} is not finished; go on with npx wgrad train --resume ${path}.`);
  }
  const done = training.history.length;
  if (epochs === undefined || epochs <= done) {
    const asked = epochs === undefined ? '' : `, and is asked for ${epochs}`;
    throw new UserError(
      `${path} has ${done === 1 ? '1 epoch' : `${done} epochs`}${asked}; say with --epochs how many it is to have in all.`,
    );
  }
  const { recipe, continued: before, ...rest } = configuration;
  if (recipe.secondStage !== undefined) {
    throw new UserError(
      `${path} ends in a second stage (${recipe.secondStage}), after which its first cannot go on; begin another training from its weights with --weights ${folder.file('weights.safetensors')}.`,
    );
  }
  const { line, ...prolonged } = prolong(recipe, { before, training: await stemIn(folder), done, epochs });
  return { configuration: { ...rest, ...prolonged, earlier: folder.path }, rungs: environment.rungs, line };
}

/** The stem of the last checkpoint that a finished training left. */
async function stemIn(folder: RunFolder): Promise<string> {
  const end = lastCheckpoint('.safetensors');
  const names = await readdir(folder.file('checkpoints')).catch(() => []);
  const [last] = names.filter((name) => name.endsWith(end));
  if (last !== undefined) return last.slice(0, -end.length);
  throw new UserError(
    `${folder.path} holds no last checkpoint to go on from; begin another training from its weights with --weights ${folder.file('weights.safetensors')}.`,
  );
}

/**
 * What a training goes on from that is not begun yet; undefined where it goes on with no other. Throws UserError where that is gone, or
 * its images have changed. */
export async function earlierEnd(
  { earlier, continued }: TrainingConfiguration,
  data: TrainingData,
): Promise<EarlierEnd | undefined> {
  if (earlier === undefined || continued === undefined) return undefined;
  const folder = await RunFolder.view(earlier);
  const { configuration } = await readResults<TrainResults>(folder, TRAIN_RESULTS);
  const { recipe } = configuration;
  const file = await readCheckpointFile(
    lastCheckpoint(folder.file('checkpoints', `${continued.training}.safetensors`)),
  );
  const { identity } = identify(recipe, undefined, data, startOf(configuration));
  if (contentOf(file).metadata.configuration !== identity) {
    throw new UserError(
      `${earlier} was trained on other images than ${configuration.data} has now; bring them back, or begin a training from its weights with --weights.`,
    );
  }
  return { file, identity, scheduleEpochs: configuration.continued?.scheduleEpochs ?? recipe.epochs };
}
