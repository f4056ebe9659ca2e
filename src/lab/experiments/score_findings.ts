import { SCORE_LABELS, type ScoreName } from '../../metrics/scores.ts';
import { formatScore } from '../report/score_table.ts';
import { type Block, finding, paragraph } from '../run/blocks.ts';
import type { LabContext } from '../run/experiment.ts';
import { listed, percent } from '../terminal/text_table.ts';
import type { ComparedTraining } from './compare_trainings.ts';

/** A difference of two fractions in percentage points with its sign: '+1.2 points'. */
export function points(difference: number): string {
  return `${difference < 0 ? '−' : '+'}${Math.abs(100 * difference).toFixed(1)} points`;
}

/** Those that have a score, the best first; of equals the first given is first. */
export function ranked(
  compared: readonly ComparedTraining[],
  score: ScoreName,
): { name: string; value: number; of: ComparedTraining }[] {
  return compared
    .flatMap((of) => {
      const value = of.trained.scores[score];
      return value === null ? [] : [{ name: of.name, value, of }];
    })
    .sort((a, b) => b.value - a.value);
}

/** The test images in words: '2000 balanced test images'. */
export function testImages({ test, testIsImbalanced }: LabContext['data']): string {
  return testIsImbalanced
    ? `${test.count} test images, more of some classes than of others`
    : `${test.count} balanced test images`;
}

/** What the scores of a figure are, in a sentence. */
export function scoresCaption({ data }: Pick<LabContext, 'data'>, better: string): string {
  return `Scores on ${testImages(data)}, from 0 to 1, ${better} is better; precision, recall, F1 and ROC-AUC weighted by support.`;
}

/** ', +1.2 points over Adam', or that they are equal. order: the best first. */
export function lead([best, second]: readonly { name: string; value: number }[]): string {
  if (second === undefined) return '';
  if (best.value === second.value) return `, the same as ${second.name}`;
  return `, ${points(best.value - second.value)} over ${second.name}`;
}

/** Which of them has the best score, and by how much over the second; where several have it, their names. */
export function bestFinding(compared: readonly ComparedTraining[], score: ScoreName, what: string): Block[] {
  const order = ranked(compared, score);
  if (order.length < 2) return [];
  const [best] = order;
  const label = SCORE_LABELS[score];
  const value = formatScore(best.value, best.of.trained.deviations?.[score]);
  const equals = order.filter((one) => one.value === best.value).map(({ name }) => name);
  if (equals.length > 1) return [finding(`${capital(listed(equals))} share the highest ${label} ${what}: ${value}.`)];
  return [finding(`${capital(best.name)} has the highest ${label} ${what}: ${value}${lead(order)}.`)];
}

/** How rare classes fare beside frequent ones under each of them. */
export function recallFinding(compared: readonly ComparedTraining[]): Block[] {
  return compared.flatMap(({ name, recalls: { largest, smallest } }) => {
    if (largest === null || smallest === null) return [];
    const than = smallest < largest ? 'less than' : smallest > largest ? 'more than' : 'as much as';
    return [
      finding(
        `Under ${name} the smallest classes are recalled ${than} the largest: ${percent(smallest)} and ${percent(largest)}.`,
      ),
    ];
  });
}

/** Which of them recalls the smallest classes best, and what that costs the largest, beside a baseline. */
export function minorityFinding(compared: readonly ComparedTraining[], baseline: ComparedTraining): Block[] {
  const [best] = [...compared].sort((a, b) => (b.recalls.smallest ?? -1) - (a.recalls.smallest ?? -1));
  const [before, after] = [baseline.recalls, best.recalls];
  if (before.smallest === null || before.largest === null || after.smallest === null || after.largest === null)
    return [];
  if (after.smallest <= before.smallest) {
    return [
      finding(`None of them recalls the smallest classes better than ${baseline.name}: ${percent(before.smallest)}.`),
    ];
  }
  return [
    finding(
      `${capital(best.name)} recalls the smallest classes best: ${percent(after.smallest)}, ${points(after.smallest - before.smallest)} on ${baseline.name}; the largest classes change by ${points(after.largest - before.largest)}.`,
    ),
  ];
}

/** How what is called the best was chosen. */
const PICKED_ON_TEST =
  'What is called the best here was picked by these same test scores, not on images held out for the choice: of close ones it is partly the luckiest, so expect a smaller lead on new images.';

/** How far a difference can be trusted: by the test set's size, and by the number of seeds. */
export function caveat({ configuration, data }: Pick<LabContext, 'configuration' | 'data'>): Block {
  const images = data.test.count;
  // Two standard errors of an accuracy of one half, where they are largest.
  const noise = `on ${images} test images an accuracy is known to ±${(100 / Math.sqrt(images)).toFixed(1)} points at best (two standard errors)`;
  const { seeds } = configuration;
  const text =
    seeds === 1
      ? `These figures are of one seed, so small differences may be chance; ${noise}.`
      : `These figures are means over ${seeds} seeds with their standard deviations, all on the same training images; ${noise}.`;
  return paragraph(`${text} ${PICKED_ON_TEST}`);
}

/** '1 epoch', '12 epochs'. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
