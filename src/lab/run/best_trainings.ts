import { SCORE_LABELS, scoreNames } from '../../metrics/scores.ts';
import { formatTable, percent } from '../terminal/text_table.ts';
import { type LabResults, scoreOfTest } from './lab_results.ts';

/** For each score the training that has the best one; equal ones all of them. Empty where nothing was trained on the run's images. */
function bestTrainings({ trainings, dataset }: Pick<LabResults, 'trainings' | 'dataset'>) {
  return scoreNames(dataset.testCounts !== undefined).flatMap((score) => {
    const scored = Object.values(trainings).flatMap(({ name, ownData, test }) => {
      const value = scoreOfTest(test, score);
      return value === null || !ownData ? [] : [{ name, value }];
    });
    if (scored.length === 0) return [];
    const value = Math.max(...scored.map((one) => one.value));
    return [{ score, value, names: scored.filter((one) => one.value === value).map(({ name }) => name) }];
  });
}

/** The best configuration per metric as a table for the terminal; '' where nothing was trained. */
export function bestTable(results: LabResults): string {
  const best = bestTrainings(results);
  if (best.length === 0) return '';
  const rows = best.map(({ score, value, names: [first, ...others] }) => [
    SCORE_LABELS[score],
    others.length > 0 ? `${first} and ${others.length} more` : first,
    percent(value),
  ]);
  const note = 'Picked by these same test scores: of close ones the best is partly the luckiest.';
  return `\n${formatTable(['metric', 'best configuration', 'score'], rows)}\n${note}`;
}
