import { describe, expect, it } from 'vitest';
import { prolong, takeUp } from '../../../src/lab/run/continuation.ts';
import { encodeCheckpoint } from '../../../src/train/checkpoint.ts';
import { buildSchedule, completeRecipe, type Recipe } from '../../../src/train/recipe.ts';
import { train } from '../../../src/train/trainer.ts';
import { useGpu } from '../../gpu.ts';
import { tinyTraining } from '../../train/tiny_training.ts';

const held = useGpu();
const at = { training: 't', done: 4, epochs: 10 };

describe('prolong', () => {
  it('says what becomes of the schedule', () => {
    const line = (given: Partial<Recipe>) => prolong(completeRecipe({ epochs: 4, lr: 0.5, ...given }), at).line;
    const start = 'Goes on after epoch 4, to 10 epochs in all. ';
    expect(line({})).toBe(`${start}The learning rate stays 0.5.`);
    expect(line({ schedule: 'reduce-on-plateau' })).toBe(
      `${start}The schedule reduce-on-plateau goes on where it stood.`,
    );
    expect(line({ schedule: 'cosine' })).toBe(
      `${start}The schedule cosine had come to its end: it begins again, with learning rate 0.5, over the 6 epochs that are added.`,
    );
    expect(line({ validation: 0.1, patience: 2, loss: 'ldam' })).toBe(
      `${start}The learning rate stays 0.5. Patience no longer ends it. The loss begins to weight classes by the share of all 10 epochs.`,
    );
  });

  it('keeps what a schedule that goes on was laid out over, however often', () => {
    const once = (given: Partial<Recipe>) => prolong(completeRecipe({ epochs: 4, ...given }), at);
    const plateau = once({ schedule: 'reduce-on-plateau' });
    expect(plateau.continued).toEqual({ training: 't', epochs: 4, scheduleEpochs: 4 });
    const { recipe, continued } = plateau;
    expect(prolong(recipe, { before: continued, training: 'u', done: 10, epochs: 20 }).continued).toEqual({
      ...{ training: 'u', epochs: 10, scheduleEpochs: 4 },
    });
    expect(once({ schedule: 'step' }).continued.scheduleEpochs).toBe(6);
    expect(once({ validation: 0.5, patience: 3 }).recipe).not.toHaveProperty('patience');
  });
});

describe('takeUp', () => {
  /** A training of two epochs with this schedule, and another that takes it up. */
  async function ended(schedule: Recipe['schedule']) {
    const recipe = completeRecipe({ schedule, lr: 0.01, epochs: 2 });
    const made = () => {
      const task = tinyTraining(held.gpu, { epochs: 2, lr: 0.01 });
      return { task, own: buildSchedule(recipe, task.optimizer, 3) };
    };
    const first = made();
    let bytes = new Uint8Array();
    const { history } = await train({
      ...{ ...first.task, schedule: first.own },
      onCheckpoint: async (position) => {
        bytes = Uint8Array.from(await encodeCheckpoint({ ...first.task, schedule: first.own }, position, 'identity'));
      },
    });
    const { task } = made();
    const earlier = { file: { path: 'last', bytes }, identity: 'identity', scheduleEpochs: 2 };
    const { position, schedule: taken } = takeUp(earlier, { ...task, recipe, stepsPerEpoch: 3 });
    expect(position).toMatchObject({ epoch: 2, step: 0, history });
    const [kept] = task.optimizer.stateDict().tensors.values();
    const [before] = first.task.optimizer.stateDict().tensors.values();
    expect(await kept.data()).toEqual(await before.data());
    return { lr: task.optimizer.groups[0].lr, taken, was: first.task.optimizer.groups[0].lr };
  }

  it('begins a schedule again at the first rate, with what the optimizer kept', async () => {
    const { lr, taken, was } = await ended('cosine');
    expect(was).toBeLessThan(1e-9);
    expect([lr, taken]).toEqual([0.01, undefined]);
  });

  it('lets one that watches the loss go on, and none stay none', async () => {
    const plateau = await ended('reduce-on-plateau');
    expect(plateau.lr).toBe(plateau.was);
    expect(plateau.taken?.stateDict()).toMatchObject({ schedule: 'ReduceLROnPlateau', rates: [plateau.was] });
    expect(plateau.taken?.stateDict().best).toBeLessThan(10);
    expect(await ended('constant')).toEqual({ lr: 0.01, taken: undefined, was: 0.01 });
  });
});
