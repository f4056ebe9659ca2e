import { SCORE_LABELS, SCORE_NAMES, type ScoreName, type Scores } from '../metrics/scores.ts';
import { percent } from '../table.ts';
import { type Block, table } from './blocks.ts';

/** A score with its deviation over repetitions, where there are any: '43.1 %', '43.1 ± 0.8 %', '–'. */
export function formatScore(mean: number | null, deviation: number | null | undefined): string {
  if (mean === null || deviation === null || deviation === undefined) return percent(mean);
  return `${(100 * mean).toFixed(1)} ± ${(100 * deviation).toFixed(1)} %`;
}

/** The scores of some trainings, a row for each. names: of the scores to show, all five by default. */
export function scoreTable(
  caption: string,
  trained: readonly (readonly [name: string, of: { scores: Scores; deviations: Scores | null }])[],
  names: readonly ScoreName[] = SCORE_NAMES,
): Block {
  return table(
    caption,
    ['', ...names.map((name) => SCORE_LABELS[name])],
    trained.map(([name, { scores, deviations }]) => [
      name,
      ...names.map((score) => formatScore(scores[score], deviations?.[score])),
    ]),
  );
}
