import type { ImageDataset } from '../../data/image_dataset.ts';
import type { LongTailedData } from '../../data/training_data.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type LogName, openTrainingLog } from '../log/index.ts';
import type { FigureBlock } from './blocks.ts';
import type { Configuration } from './configuration.ts';
import { describeData, describeTraining } from './describe_results.ts';
import type { Experiment, LabContext } from './experiment.ts';
import { LAB_RESULTS_VERSION, type LabResults } from './lab_results.ts';
import { withNames } from './own_parts.ts';
import { describeEnvironment } from './run_environment.ts';
import type { RunFolder } from './run_folder.ts';
import type { Repetition } from './trained_model.ts';
import { TrainingCache } from './training_cache.ts';
import { plannedKey, TrainingPlan } from './training_plan.ts';

export interface ActiveRunOptions {
  gpu: Gpu;
  dataset: ImageDataset;
  data: LongTailedData;
  configuration: Configuration;
  folder: RunFolder;
  /** Those to run, in order. */
  experiments: readonly Experiment[];
  /** Of a part of a run. */
  shard?: LabResults['shard'];
  /** What the run had found when it was stopped. */
  earlier?: LabResults;
  say: (text: string) => void;
  signal: AbortSignal;
  /** A log for other programs to write besides, of each training. */
  log?: LogName;
}

/** A run under way: its results as they grow, and what its experiments have in common. */
export class ActiveRun {
  readonly results: LabResults;
  #options: ActiveRunOptions;
  #models: TrainingCache;
  #figures = new Map<string, string>();

  constructor(options: ActiveRunOptions) {
    this.#options = options;
    this.results = startingResults(options);
    const { gpu, folder, data, configuration, signal, say, log } = options;
    this.#models = new TrainingCache({
      ...{ gpu, folder, data, signal, say, seeds: configuration.seeds, plan: planOf(options) },
      isDone: (key) => Object.hasOwn(this.results.trainings, key),
      onTrained: (trained) => this.#note(trained),
      log: log && { open: (key) => openTrainingLog(log, folder.file('logs', key)), settings: configuration },
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

function planOf({ experiments, configuration, earlier }: ActiveRunOptions): TrainingPlan {
  const left = experiments.filter(({ id }) => earlier?.experiments[id]?.status !== 'done');
  const expected = left.flatMap((experiment) => experiment.trainings?.(configuration) ?? []);
  return new TrainingPlan(
    expected.flatMap(({ recipe, variant, ownData = true }) =>
      Array.from({ length: configuration.seeds }, (_, n) => {
        const repeated = { ...withNames(recipe), seed: recipe.seed + n };
        return { key: plannedKey(repeated, variant, ownData), recipe: repeated };
      }),
    ),
  );
}

function startingResults({
  gpu,
  dataset,
  data,
  configuration,
  experiments,
  shard,
  earlier,
}: ActiveRunOptions): LabResults {
  return {
    format: 'wgrad-results',
    version: LAB_RESULTS_VERSION,
    configuration,
    requested: [...new Set([...(earlier?.requested ?? []), ...experiments.map(({ id }) => id)])],
    ...(shard && { shard }),
    environment: { ...describeEnvironment(gpu) },
    dataset: describeData(dataset, data),
    trainings: { ...earlier?.trainings },
    experiments: { ...earlier?.experiments },
    timings: earlier?.timings ?? { startedAt: new Date().toISOString(), trainings: {}, experiments: {} },
  };
}
