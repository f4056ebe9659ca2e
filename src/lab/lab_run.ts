import type { Gpu } from '../kernels/gpu.ts';
import type { Configuration } from './configuration.ts';
import type { ImageDataset } from './data/dataset.ts';
import { describeData, describeTraining } from './describe_run.ts';
import { describeEnvironment } from './environment.ts';
import type { Experiment, LabContext } from './experiments/experiment.ts';
import type { FigureBlock } from './report/blocks.ts';
import { RESULTS_VERSION, type Results } from './results.ts';
import type { RunFolder } from './run_folder.ts';
import { type Repetition, TrainedModels } from './training/trained_models.ts';
import type { LongTailedData } from './training/training_data.ts';
import { plannedKey, TrainingPlan } from './training/training_plan.ts';

export interface LabRunOptions {
  gpu: Gpu;
  dataset: ImageDataset;
  data: LongTailedData;
  configuration: Configuration;
  folder: RunFolder;
  /** Those to run, in order. */
  experiments: readonly Experiment[];
  /** What the run had found when it was stopped. */
  earlier?: Results;
  say: (text: string) => void;
  signal: AbortSignal;
}

/** A run under way: its results as they grow, and what its experiments have in common. */
export class LabRun {
  readonly results: Results;
  #options: LabRunOptions;
  #models: TrainedModels;
  #figures = new Map<string, string>();

  constructor(options: LabRunOptions) {
    this.#options = options;
    this.results = startingResults(options);
    const { gpu, folder, data, configuration, signal } = options;
    this.#models = new TrainedModels({
      ...{ gpu, folder, data, signal, seeds: configuration.seeds, plan: planOf(options) },
      isDone: (key) => Object.hasOwn(this.results.trainings, key),
      onTrained: (trained) => this.#note(trained),
    });
  }

  save(): Promise<void> {
    return this.#options.folder.writeJson('results.json', this.results);
  }

  contextFor({ id }: Experiment): LabContext {
    const { gpu, dataset, data, configuration, folder, say, signal } = this.#options;
    return {
      ...{ gpu, dataset, data, configuration, say, signal },
      trained: (recipe, extras) => this.#models.trained(recipe, extras),
      figure: async (figure) => {
        const block: FigureBlock = {
          kind: 'figure',
          name: `${id}_${figure.name}`,
          title: figure.title,
          caption: figure.caption,
        };
        const owner = this.#figures.get(block.name);
        if (owner === figure.title || owner === undefined) this.#figures.set(block.name, figure.title);
        else throw new Error(`${id}: two figures are named '${figure.name}'; name one of them otherwise.`);
        await folder.writeFigure({ ...figure, name: block.name });
        return block;
      },
      resultsOf: (other) => {
        const found = this.results.experiments[other];
        return found?.status === 'done' ? found.results : undefined;
      },
    };
  }

  async #note(trained: Repetition): Promise<void> {
    const { key, timings } = trained;
    this.results.trainings[key] = describeTraining(trained);
    this.results.timings.trainings[key] = timings;
    await this.save();
  }
}

function planOf({ experiments, configuration, earlier }: LabRunOptions): TrainingPlan {
  const left = experiments.filter(({ id }) => earlier?.experiments[id]?.status !== 'done');
  const expected = left.flatMap((experiment) => experiment.trainings?.(configuration) ?? []);
  return new TrainingPlan(
    expected.flatMap(({ recipe, variant, ownData = true }) =>
      Array.from({ length: configuration.seeds }, (_, n) => {
        const repeated = { ...recipe, seed: recipe.seed + n };
        return { key: plannedKey(repeated, variant, ownData), recipe: repeated };
      }),
    ),
  );
}

function startingResults({ gpu, dataset, data, configuration, experiments, earlier }: LabRunOptions): Results {
  return {
    format: 'wgrad-results',
    version: RESULTS_VERSION,
    configuration,
    requested: [...new Set([...(earlier?.requested ?? []), ...experiments.map(({ id }) => id)])],
    environment: { ...describeEnvironment(gpu) },
    dataset: describeData(dataset, data),
    trainings: { ...earlier?.trainings },
    experiments: { ...earlier?.experiments },
    timings: earlier?.timings ?? { startedAt: new Date().toISOString(), trainings: {}, experiments: {} },
  };
}
