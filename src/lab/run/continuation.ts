import { z } from 'zod';
import type { Module } from '../../nn/module.ts';
import type { Optimizer } from '../../nn/optimizers/optimizer.ts';
import type { Schedule } from '../../nn/schedules/schedule.ts';
import { type CheckpointFile, decodeCheckpoint, type TrainingPosition } from '../../train/checkpoint.ts';
import { buildSchedule, type Recipe } from '../../train/recipe.ts';

/** What a training is known by, besides its recipe, that goes on after another's end. */
export const continuationSchema = z.strictObject({
  /** The stem of the other's checkpoint. */
  training: z.string(),
  /** Epochs that were done there. */
  epochs: z.number().int().min(1),
  /** Epochs that the schedule is laid out over. */
  scheduleEpochs: z.number().int().min(1),
});

/** See `continuationSchema`. */
export type Continuation = z.infer<typeof continuationSchema>;

/** What becomes of a schedule after its end: nothing is laid out, it watches the loss, or it is laid out over the epochs. */
function afterEnd({ schedule }: Pick<Recipe, 'schedule'>): 'stays' | 'goes on' | 'begins again' {
  if (schedule === 'constant') return 'stays';
  return schedule === 'reduce-on-plateau' ? 'goes on' : 'begins again';
}

/** How a training is prolonged. */
export interface Prolonged {
  recipe: Recipe;
  continued: Continuation;
  /** What becomes of its schedule and of what else its length decides, in words. */
  line: string;
}

/**
 * A finished training's recipe for more epochs. before: how the training itself was prolonged, where it was. training: the stem of its checkpoint.
 * done: the epochs it has. epochs: all that it is to have, more than those.
 */
export function prolong(
  recipe: Recipe,
  { before, training, done, epochs }: { before?: Continuation; training: string; done: number; epochs: number },
): Prolonged {
  const { patience, ...lasting } = recipe;
  const { schedule, lr, loss } = recipe;
  const after = afterEnd(recipe);
  const added = epochs - done;
  const laidOver = before?.scheduleEpochs ?? recipe.epochs;
  const sentences = {
    stays: `The learning rate stays ${lr}.`,
    'goes on': `The schedule ${schedule} goes on where it stood.`,
    'begins again': `The schedule ${schedule} had come to its end: it begins again, with learning rate ${lr}, over the ${added === 1 ? 'epoch that is' : `${added} epochs that are`} added.`,
  };
  const others = [
    ...(patience === undefined ? [] : ['Patience no longer ends it.']),
    ...(loss === 'ldam' ? [`The loss begins to weight classes by the share of all ${epochs} epochs.`] : []),
  ];
  return {
    recipe: { ...lasting, epochs },
    continued: { training, epochs: done, scheduleEpochs: after === 'begins again' ? added : laidOver },
    line: [`Goes on after epoch ${done}, to ${epochs} epochs in all.`, sentences[after], ...others].join(' '),
  };
}

/** The end of the training that another goes on with. */
export interface EarlierEnd {
  /** Its last checkpoint. */
  file: CheckpointFile;
  /** What it was known by; see `identify`. */
  identity: string;
  /** Epochs that its schedule was laid out over. */
  scheduleEpochs: number;
}

/**
 * Puts a training where another has ended: model, optimizer and position are that one's. A schedule that begins again is left to be made, of an
 * optimizer with the recipe's own hyperparameters; one that goes on is given back. Throws UserError where the checkpoint does not fit.
 */
export function takeUp(
  { file, identity, scheduleEpochs }: EarlierEnd,
  {
    recipe,
    model,
    optimizer,
    stepsPerEpoch,
  }: { recipe: Recipe; model: Module; optimizer: Optimizer; stepsPerEpoch: number },
): { position: TrainingPosition; schedule: Schedule | undefined } {
  const own = optimizer.groups.map(({ parameters: _, ...hyperparameters }) => structuredClone(hyperparameters));
  const schedule = buildSchedule({ ...recipe, epochs: scheduleEpochs }, optimizer, stepsPerEpoch);
  const position = decodeCheckpoint(file, { model, optimizer, schedule }, identity);
  if (afterEnd(recipe) !== 'begins again') return { position, schedule };
  for (const [g, group] of optimizer.groups.entries()) Object.assign(group, own[g]);
  return { position, schedule: undefined };
}
