import { SCORE_LABELS, SCORE_NAMES, type ScoreName, type Scores } from '../../metrics/scores.ts';
import { type Block, table } from '../run/blocks.ts';
import { percent } from '../terminal/text_table.ts';

/** A score with its deviation over repetitions, where there are any: '43.1 %', '43.1 ± 0.8 %', '–'. */
export function formatScore(mean: number | null, deviation: number | null | undefined): string {
  if (mean === null || deviation === null || deviation === undefined) return percent(mean);
  return `${(100 * mean).toFixed(1)} ± ${(100 * deviation).toFixed(1)} %`;
}

/** A row of a score table. */
export interface Scored {
  name: string;
  trained: { scores: Scores; deviations: Scores | null };
}

/**
 * The scores of some trainings, a row for each. more: further columns, by header, each with a text for a row.
 * names: of the scores to show, for a balanced test set by default; see `scoreNames`.
 */
export function scoreTable<S extends Scored>(
  caption: string,
  scored: readonly S[],
  { names = SCORE_NAMES, more = {} }: { names?: readonly ScoreName[]; more?: Record<string, (of: S) => string> } = {},
): Block {
  return table(
    caption,
    ['', ...names.map((name) => SCORE_LABELS[name]), ...Object.keys(more)],
    scored.map((of) => [
      of.name,
      ...names.map((score) => formatScore(of.trained.scores[score], of.trained.deviations?.[score])),
      ...Object.values(more).map((text) => text(of)),
    ]),
  );
}

/** Columns for `scoreTable`: recall of the largest and the smallest third of the classes. */
export const RECALL_COLUMNS = {
  'recall, largest third': ({ recalls }: { recalls: { largest: number | null } }) => percent(recalls.largest),
  'recall, smallest third': ({ recalls }: { recalls: { smallest: number | null } }) => percent(recalls.smallest),
};
