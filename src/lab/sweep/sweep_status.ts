import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { folderUse } from '../../node/folder_lock.ts';
import { type CheckpointPlace, checkpointPlace } from '../../train/files/checkpoint_place.ts';
import { type Recipe, secondEpochsOf } from '../../train/recipe.ts';
import { estimateSeconds } from '../run/training_plan.ts';
import type { SweepTraining } from './sweep_file.ts';
import { type SweepResults, trainingFolder } from './sweep_results.ts';
import { readFailure } from './training_failure.ts';

/** Of a training: 'stopped' was begun and is worked on by nobody; 'failed' besides left its reason. */
export const STATES = ['done', 'running', 'failed', 'stopped', 'to do'] as const;
type TrainingState = (typeof STATES)[number];

/** Where a training of a study stands. */
export interface TrainingStatus {
  name: string;
  state: TrainingState;
  /** Epochs that are finished by its last checkpoint, and all of them. */
  epochs: { done: number; of: number };
  /** Who works on it, and the seconds since it last showed that it lives. */
  runs?: { host: string; pid: number; quietFor: number };
  /** Why it failed. */
  reason?: string;
}

/** Where a study stands. */
export interface SweepStatus {
  trainings: TrainingStatus[];
  /** Trainings that run now. */
  running: number;
  /**
   * Seconds until all are done, with as many at a time as run now, and one where none does; from what finished trainings and epochs took. null: nothing
   * is finished yet, so nobody knows.
   */
  secondsLeft: number | null;
}

/** Reads where these trainings of a study stand, and changes nothing. results: of the study, as `collectSweep` reads them. */
export async function sweepStatus(
  path: string,
  trainings: readonly SweepTraining[],
  results: SweepResults,
): Promise<SweepStatus> {
  const found: TrainingStatus[] = [];
  const measured: { recipe: Recipe; seconds: number }[] = [];
  const left: { recipe: Recipe; share: number }[] = [];
  for (const { name, recipe } of trainings) {
    const of = recipe.epochs + secondEpochsOf(recipe);
    const timings = Object.hasOwn(results.timings, name) ? results.timings[name] : undefined;
    if (timings) {
      found.push({ name, state: 'done', epochs: { done: results.trainings[name].history.length, of } });
      measured.push({ recipe, seconds: timings.trainingSeconds + timings.evaluationSeconds });
      continue;
    }
    const folder = trainingFolder(path, name);
    const place = await placeOf(folder);
    const { epochs = 0, seconds = 0 } = place ?? {};
    if (epochs > 0) measured.push({ recipe, seconds: (seconds / epochs) * of });
    left.push({ recipe, share: 1 - epochs / of });
    found.push({ name, ...(await stateOf(folder, place)), epochs: { done: epochs, of } });
  }
  const running = found.filter(({ state }) => state === 'running').length;
  return { trainings: found, running, secondsLeft: secondsLeft(left, measured, Math.max(1, running)) };
}

async function stateOf(
  folder: string,
  place: CheckpointPlace | undefined,
): Promise<Pick<TrainingStatus, 'state' | 'runs' | 'reason'>> {
  const use = await folderUse(folder);
  if (use?.alive) {
    const { host, pid, quietFor } = use;
    return { state: 'running', runs: { host, pid, quietFor } };
  }
  const reason = await readFailure(folder);
  if (reason !== undefined) return { state: 'failed', reason };
  return { state: use !== undefined || place !== undefined ? 'stopped' : 'to do' };
}

/** How far a training has come that is not finished: its folder holds a checkpoint of it, or one of each of its two stages. */
async function placeOf(folder: string): Promise<CheckpointPlace | undefined> {
  const checkpoints = join(folder, 'checkpoints');
  const names = await readdir(checkpoints).catch(() => []);
  const files = names.filter((file) => file.endsWith('.safetensors'));
  const places = await Promise.all(files.map((name) => checkpointPlace(join(checkpoints, name))));
  return places.reduce(
    (sum, place) =>
      sum && place ? { epochs: sum.epochs + place.epochs, seconds: sum.seconds + place.seconds } : (sum ?? place),
    undefined,
  );
}

/** Seconds of what is left, so many at a time; not less than the longest of them takes alone. */
function secondsLeft(
  left: readonly { recipe: Recipe; share: number }[],
  measured: readonly { recipe: Recipe; seconds: number }[],
  atOnce: number,
): number | null {
  if (left.length === 0) return 0;
  if (measured.length === 0) return null;
  const each = left.map(({ recipe, share }) => estimateSeconds(recipe, measured) * share);
  return Math.max(each.reduce((sum, seconds) => sum + seconds, 0) / atOnce, ...each);
}
