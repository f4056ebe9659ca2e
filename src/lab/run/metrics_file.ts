import { SCORE_NAMES } from '../../metrics/scores.ts';
import { RECIPE_FIELD_NAMES } from '../../train/recipe_fields.ts';
import type { LabResults } from './lab_results.ts';
import type { RunFolder } from './run_folder.ts';

/** A field's value in a row: '' where it is none or left to its component. Lists have blanks between, as commas end cells. */
function cell(value: unknown): number | string {
  if (typeof value === 'number' || typeof value === 'string') return value;
  return Array.isArray(value) ? value.join(' ') : `${value ?? ''}`;
}

/** Writes metrics.csv, a row for each training, and history.csv, a row for each of their epochs. */
export async function writeMetrics(folder: RunFolder, { trainings, timings }: LabResults): Promise<void> {
  const scores = [...SCORE_NAMES, 'balancedAccuracy', 'averagePrecision', 'expectedCalibrationError'] as const;
  await folder.writeCsv<string>(
    'metrics.csv',
    ['training', 'variant', ...RECIPE_FIELD_NAMES, 'parameters', ...scores, 'loss_on_test', 'trainingSeconds'],
    Object.entries(trainings).map(([key, { recipe, variant, parameters, test }]) => ({
      training: key,
      variant: variant ?? '',
      ...Object.fromEntries(RECIPE_FIELD_NAMES.map((name) => [name, cell(recipe[name])])),
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
