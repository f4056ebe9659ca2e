import type { TrainingData } from '../../data/training_data.ts';
import { figuresOf } from '../../inspect/diagnose/describe.ts';
import { diagnose } from '../../inspect/diagnose/diagnose.ts';
import { overfitBatch } from '../../inspect/diagnose/overfit_batch.ts';
import type { TrainingHistory } from '../../inspect/diagnose/training_history.ts';
import { TrainingMonitor } from '../../inspect/diagnose/training_monitor.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type Recipe, recipeName } from '../../train/recipe.ts';
import { recipeTask } from '../../train/recipe_task.ts';
import { train } from '../../train/trainer.ts';
import { TrainingDiverged } from '../../train/training_task.ts';
import { DONE, STOPPED } from '../run/exit_codes.ts';
import { Progress } from '../terminal/progress.ts';
import { percent } from '../terminal/text_table.ts';
import { diagnosisForPeople } from './diagnosis_report.ts';
import { openTraining, type TrainingInput } from './open_training.ts';

export interface DiagnoseOptions extends TrainingInput {
  /** Most steps. */
  steps: number;
  /** Train on one batch alone. */
  overfitBatch?: boolean;
  json?: boolean;
}

/** Steps between two samples: so few steps may cost more each. */
const EVERY = 20;

/** What a look at a training gave. */
interface Watched {
  history: TrainingHistory;
  /** What the training ended with where its loss was no longer finite. */
  diverged?: string;
  overfit?: { fits: boolean; accuracy: number; crossEntropy: number };
}

/**
 * Trains a recipe for some steps, as `wgrad train` would, and says what goes wrong. Writes nothing.
 *
 * @returns the exit code: 0 whatever was found, 130 where it was stopped
 */
export async function runDiagnose(options: DiagnoseOptions): Promise<number> {
  const { signal, json = false, steps } = options;
  const say = json ? () => {} : (text: string) => console.log(text);
  const opened = await openTraining(options, say);
  if (opened === undefined) return STOPPED;
  const { gpu, dataName, recipe, data } = opened;
  try {
    const watched = options.overfitBatch
      ? await watchOneBatch(gpu, recipe, data, steps)
      : await watchSteps(gpu, recipe, data, { steps, signal });
    if (signal.aborted) {
      say('\nStopped.');
      return STOPPED;
    }
    const { history, diverged, overfit } = watched;
    const findings = diagnose(history);
    if (json) {
      const figures = figuresOf(history);
      console.log(
        JSON.stringify({
          recipe,
          data: dataName,
          steps: history.steps,
          findings,
          figures,
          diverged,
          overfit,
        }),
      );
    }
    if (diverged) say(`\n${diverged}`);
    if (overfit) say(`\n${overfitForPeople(overfit, history.steps, recipe)}`);
    say(`\n${diagnosisForPeople(findings, history)}`);
    return DONE;
  } finally {
    gpu.close();
  }
}

/** The recipe's first steps, by its own schedule. */
async function watchSteps(
  gpu: Gpu,
  recipe: Recipe,
  data: TrainingData,
  { steps, signal }: { steps: number; signal: AbortSignal },
): Promise<Watched> {
  const task = recipeTask(gpu, recipe, data);
  const { model, optimizer, stepsPerEpoch, epochs } = task;
  const monitor = new TrainingMonitor(model, optimizer, { every: EVERY, stepsPerEpoch });
  const enough = new AbortController();
  const most = Math.min(steps, epochs * stepsPerEpoch);
  const progress = new Progress(recipeName(recipe), most);
  let diverged: string | undefined;
  await train({
    ...task,
    signal: AbortSignal.any([signal, enough.signal]),
    watchStep: (step) => {
      monitor.step(step);
      if (monitor.history.steps === steps) enough.abort();
    },
    onProgress: ({ step, loss }) => progress.update(step, [`loss ${loss.toFixed(3)}`]),
  })
    .catch((error) => {
      if (!(error instanceof TrainingDiverged)) throw error;
      diverged = error.message;
    })
    .finally(() => progress.stop());
  return { history: await monitor.finish(), diverged };
}

/** The first batch again and again, without what keeps a network from learning it by heart. */
async function watchOneBatch(gpu: Gpu, recipe: Recipe, data: TrainingData, steps: number): Promise<Watched> {
  const plain = { ...recipe, dropout: 0, stochasticDepth: 0, schedule: 'constant', sampler: 'none' } as const;
  const { model, optimizer, criterion, source, batchSize } = recipeTask(gpu, plain, data);
  model.train();
  const count = Math.min(batchSize, source.count);
  // Images far apart, as many sets are sorted by class.
  const indices = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * source.count) / count));
  return gpu.scope(async () => {
    const batch = source.plain(indices);
    const { history, fits, accuracy, crossEntropy } = await overfitBatch({ model, optimizer, criterion, batch, steps });
    return { history, overfit: { fits, accuracy, crossEntropy } };
  });
}

function overfitForPeople(
  { fits, accuracy, crossEntropy }: NonNullable<Watched['overfit']>,
  steps: number,
  { batchSize }: Recipe,
): string {
  const reached = `${percent(accuracy)} of a batch of up to ${batchSize} images right, cross-entropy ${crossEntropy.toPrecision(3)}, after ${steps} steps`;
  return fits
    ? `The network learns one batch by heart: ${reached}. Network, loss and optimizer work together.`
    : `The network does not learn even one batch by heart: ${reached}. Mend that before you look at data or regularisation.`;
}
