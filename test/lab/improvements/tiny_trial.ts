import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import type { ImageDataset } from '../../../src/data/image_dataset.ts';
import { longTailedData } from '../../../src/data/training_data.ts';
import { ImprovementTrial } from '../../../src/lab/improvements/improvement_trial.ts';
import type { Figure } from '../../../src/lab/plots/index.ts';
import { type Configuration, configure } from '../../../src/lab/run/configuration.ts';
import type { LabContext } from '../../../src/lab/run/experiment.ts';
import { RunFolder } from '../../../src/lab/run/run_folder.ts';
import { TrainingCache } from '../../../src/lab/run/training_cache.ts';
import { plannedKey, TrainingPlan } from '../../../src/lab/run/training_plan.ts';
import type { Gpu } from '../../../src/node.ts';
import type { Recipe } from '../../../src/train/recipe.ts';
import { tinyDataset } from '../../train/tiny_training.ts';

/** A folder for the runs of a test file, gone at its end, and silence on the screen. Call at the top. */
export function useRunsFolder(): { path: string } {
  const held = { path: '' };
  beforeAll(() => {
    held.path = mkdtempSync(join(tmpdir(), 'wgrad-improvements-'));
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterAll(() => {
    vi.restoreAllMocks();
    rmSync(held.path, { recursive: true });
  });
  return held;
}

export interface TinyContext extends LabContext {
  /** What was drawn, in order. */
  figures: Figure[];
  said: string[];
  /** Keys of the trainings made. */
  trainings: string[];
  /** Keys in a plan of the trainings asked for. */
  asked: string[];
}

/** A run's context on a data set of 8×8 images in four classes, CustomCNN at width 1/16, two epochs: the fewest that have halves. */
export async function tinyContext(
  gpu: Gpu,
  runs: string,
  given: Partial<Configuration> & { dataset?: ImageDataset } = {},
): Promise<TinyContext> {
  const { dataset = tinyDataset(60), ...changes } = given;
  const usual = configure('smoke', { data: 'mnist', seed: 42, epochs: 2, batchSize: 8, width: 1 / 16 });
  const configuration: Configuration = { ...usual, maxPerClass: 15, imbalance: 3, testPerClass: null, ...changes };
  const data = longTailedData(gpu, dataset, configuration);
  const folder = await RunFolder.create(runs, 'tiny');
  const { signal } = new AbortController();
  const [figures, said, trainings, asked]: [Figure[], string[], string[], string[]] = [[], [], [], []];
  const models = new TrainingCache({
    ...{
      gpu,
      folder,
      data,
      signal,
      say: () => {},
      seeds: configuration.seeds,
      plan: new TrainingPlan([]),
      isDone: () => false,
    },
    onTrained: async ({ key }) => void trainings.push(key),
  });
  return {
    ...{ gpu, dataset, configuration, folder, signal, data, figures, said, trainings, asked },
    say: (text) => void said.push(text),
    trained: (recipe, extras) => {
      asked.push(plannedKey(recipe as Recipe, extras?.variant, (extras?.data ?? data).identity === data.identity));
      return models.trained(recipe, extras);
    },
    figure: async (figure) => {
      figures.push(figure);
      return { kind: 'figure', name: figure.name, title: figure.title, caption: figure.caption };
    },
    resultsOf: () => undefined,
  };
}

export async function tinyTrial(
  ...given: Parameters<typeof tinyContext>
): Promise<ImprovementTrial & { context: TinyContext }> {
  return new ImprovementTrial(await tinyContext(...given)) as ImprovementTrial & { context: TinyContext };
}
