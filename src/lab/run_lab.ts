import { z } from 'zod';
import { openDevice } from '../node.ts';
import { makeFolder } from './atomic_file.ts';
import { chooseDataset } from './choose_dataset.ts';
import { type Configuration, configurationSchema, configure, differencesFromFull } from './configuration.ts';
import type { DatasetName } from './data/dataset.ts';
import { describeEnvironment } from './environment.ts';
import type { Experiment, LabContext } from './experiments/experiment.ts';
import { EXPERIMENTS } from './experiments/index.ts';
import { PRESETS, type PresetName } from './presets.ts';
import { writeProfile } from './profile_report.ts';
import { formatDuration } from './progress.ts';
import { RunFolder } from './run_folder.ts';
import { formatTable, percent } from './table.ts';
import { UserError } from './user_error.ts';

/** Version of results.json: raised when a field changes its meaning or goes away. */
export const RESULTS_VERSION = 1;

export interface LabOptions {
  preset: PresetName | 'auto';
  data?: DatasetName;
  dataDir?: string;
  /** Parent of the run's folder. */
  out: string;
  /** Folder of a run to go on with; its own configuration holds. */
  resume?: string;
  seed: number;
  epochs?: number;
  batchSize?: number;
  width?: number;
  imbalance?: number;
  maxPerClass?: number;
  adapter?: string;
  /** Time every kernel. */
  profile?: boolean;
  signal: AbortSignal;
}

const resultsSchema = z.looseObject({
  format: z.literal('wgrad-results'),
  version: z.number(),
  configuration: configurationSchema,
  experiments: z.record(z.string(), z.unknown()),
  timings: z.record(z.string(), z.unknown()),
});

/** What a run that is to go on was. Throws UserError where its results are of another version or damaged. */
async function readEarlierRun(folder: RunFolder): Promise<z.infer<typeof resultsSchema>> {
  const parsed = resultsSchema.safeParse(await folder.readJson('results.json'));
  if (!parsed.success) {
    throw new UserError(`${folder.file('results.json')} is not that of a run of this version; start a new run.`);
  }
  if (parsed.data.version !== RESULTS_VERSION) {
    throw new UserError(
      `${folder.file('results.json')} has version ${parsed.data.version}, expected ${RESULTS_VERSION}; start a new run.`,
    );
  }
  return parsed.data;
}

const say = (text: string) => console.log(text);

/**
 * Runs experiments of the lab and writes everything under one folder.
 *
 * @returns the exit code: 0 when all is done, 130 where it was stopped and can be resumed
 */
export async function runLab(options: LabOptions, experiments: readonly Experiment[] = EXPERIMENTS): Promise<number> {
  const { signal } = options;
  const earlierFolder = options.resume === undefined ? undefined : await RunFolder.open(options.resume);
  const earlier = earlierFolder && (await readEarlierRun(earlierFolder));
  // Before the data, which may have to be downloaded.
  if (!earlier) await makeFolder(options.out);

  const gpu = await openDevice({
    adapter: options.adapter,
    seed: earlier?.configuration.seed ?? options.seed,
    profile: options.profile ?? false,
  });
  try {
    say(
      `Adapter: ${gpu.adapter.description || gpu.adapter.device}${gpu.adapter.software ? ' (software: no GPU is used)' : ''}`,
    );
    const name = earlier ? earlier.configuration.data : options.data;
    const dataset = await chooseDataset({ name, dataDir: options.dataDir, signal, say });
    say(`Data: ${dataset.name}, ${dataset.source}`);

    const { seed, epochs, batchSize, width, imbalance, maxPerClass } = options;
    const preset = options.preset !== 'auto' ? options.preset : gpu.adapter.software ? 'quick' : 'full';
    const configuration: Configuration =
      earlier?.configuration ??
      configure(preset, { data: dataset.name, seed, epochs, batchSize, width, imbalance, maxPerClass });
    say(`Preset ${configuration.preset}: ${PRESETS[configuration.preset].summary}.`);
    const differences = differencesFromFull(configuration);
    if (differences.length > 0) say(`Cut down from the lab's own figures: ${differences.join(', ')}.`);

    const folder = earlierFolder ?? (await RunFolder.create(options.out, configuration.preset));
    const results = {
      format: 'wgrad-results',
      version: RESULTS_VERSION,
      configuration,
      environment: describeEnvironment(gpu.adapter),
      dataset: {
        name: dataset.name,
        source: dataset.source,
        trainingImages: dataset.train.labels.length,
        testImages: dataset.test.labels.length,
      },
      experiments: { ...earlier?.experiments } as Record<string, unknown>,
      timings: { startedAt: new Date().toISOString(), ...earlier?.timings } as Record<string, unknown>,
    };
    const save = () => folder.writeJson('results.json', results);
    await save();

    const context: LabContext = { gpu, dataset, configuration, folder, say, signal };
    for (const experiment of experiments) {
      if ((results.experiments[experiment.id] as { finished?: boolean } | undefined)?.finished) {
        say(`\n${experiment.id}: done before.`);
        continue;
      }
      say(`\n${experiment.id}  ${experiment.title}\n`);
      const { finished, results: found, timings } = await experiment.run(context);
      results.experiments[experiment.id] = { finished, ...found };
      results.timings[experiment.id] = timings;
      await save();
      if (!finished) {
        say(`\nStopped. Everything so far is in ${folder.path}; go on with: npm run lab -- --resume ${folder.path}`);
        return 130;
      }
    }
    await writeProfile(gpu, folder.path, say);
    printOutcome(results.experiments, results.timings);
    say(`\nResults and figures: ${folder.path}`);
    return 0;
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    say('\nStopped.');
    return 130;
  } finally {
    gpu.close();
  }
}

const outcomeSchema = z.looseObject({
  test: z.looseObject({
    samples: z.number(),
    accuracy: z.number(),
    precision: z.number(),
    recall: z.number(),
    f1: z.number(),
    rocAuc: z.number().nullable(),
  }),
});

function printOutcome(experiments: Record<string, unknown>, timings: Record<string, unknown>): void {
  const rows: (string | number)[][] = [];
  for (const [id, result] of Object.entries(experiments)) {
    const parsed = outcomeSchema.safeParse(result);
    if (!parsed.success) continue;
    const { samples, accuracy, precision, recall, f1, rocAuc } = parsed.data.test;
    const seconds = (timings[id] as { trainingSeconds?: number } | undefined)?.trainingSeconds;
    rows.push([
      id,
      samples,
      ...[accuracy, precision, recall, f1, rocAuc].map(percent),
      formatDuration(seconds ?? Number.NaN),
    ]);
  }
  if (rows.length > 0) {
    // Narrow enough for 80 columns.
    say(`\n${formatTable(['', 'images', 'accuracy', 'precision', 'recall', 'F1', 'ROC-AUC', 'training'], rows)}`);
  }
}
