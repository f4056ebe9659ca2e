import { SCORE_NAMES } from '../../metrics/scores.ts';
import type { LabResults } from './lab_results.ts';
import type { RunFolder } from './run_folder.ts';

const RECIPE_FIELDS = [
  ...(['model', 'width', 'dropout', 'stochasticDepth', 'loss', 'optimizer', 'lr', 'weightDecay'] as const),
  ...(['schedule', 'clipNorm', 'sampler', 'draws', 'augmentation', 'epochs', 'batchSize', 'seed'] as const),
];

/** Writes metrics.csv, a row for each training, and history.csv, a row for each of their epochs. */
export async function writeMetrics(folder: RunFolder, { trainings, timings }: LabResults): Promise<void> {
  const scores = [...SCORE_NAMES, 'balancedAccuracy', 'averagePrecision', 'expectedCalibrationError'] as const;
  await folder.writeCsv<string>(
    'metrics.csv',
    ['training', 'variant', ...RECIPE_FIELDS, 'parameters', ...scores, 'loss_on_test', 'trainingSeconds'],
    Object.entries(trainings).map(([key, { recipe, variant, parameters, test }]) => ({
      training: key,
      variant: variant ?? '',
      ...recipe,
      clipNorm: recipe.clipNorm ?? '',
      parameters,
      ...Object.fromEntries(scores.map((name) => [name, test[name] ?? ''])),
      loss_on_test: test.loss,
      trainingSeconds: timings.trainings[key].trainingSeconds.toFixed(2),
    })),
  );
  await folder.writeCsv(
    'history.csv',
    ['training', 'epoch', 'loss', 'accuracy', 'seconds'],
    Object.entries(trainings).flatMap(([key, { history }]) =>
      history.map((record, i) => ({
        training: key,
        ...record,
        seconds: timings.trainings[key].epochSeconds[i].toFixed(2),
      })),
    ),
  );
}
