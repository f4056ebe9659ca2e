import { differenceIntervals, type Figure, metricHeatmap } from '../plots/index.ts';
import { type Block, type Cell, finding, paragraph, table } from '../run/blocks.ts';
import { formatDuration } from '../terminal/progress.ts';
import { percent } from '../terminal/text_table.ts';
import { ALPHA, type Answer, points, pText } from './answer.ts';
import type { Compared } from './comparison.ts';
import { BASELINE, REMEDIES } from './remedies.ts';
import type { Dropped } from './rounds.ts';

/** What the section of a comparison is made from. */
export interface SectionInput {
  answer: Answer;
  compared: readonly Compared[];
  by: string;
  classNames: readonly string[];
  testCounts: readonly number[];
  /** Training images of each class. */
  trainingCounts: readonly number[];
  dropped: readonly Dropped[];
  diverged: readonly string[];
  /** Mean seconds of a training, by name. */
  seconds: Readonly<Record<string, number>>;
}

/** Classes that the figure of recalls shows at most: the smallest ones in training. */
const MOST_CLASSES = 20;

const interval = ({ low, high }: { low: number; high: number }) => `${percent(low)} to ${percent(high)}`;

/** Answer, figures and tables of a comparison; figure: writes a figure and gives its block. */
export async function comparisonSection(
  input: SectionInput,
  figure: (made: Figure) => Promise<Block>,
): Promise<Block[]> {
  const { answer, compared, by, dropped, diverged, seconds } = input;
  const [baseline, ...remedies] = compared;
  const blocks: Block[] = [finding(answer.sentences.join(' '))];
  if (remedies.length > 0) {
    blocks.push(
      await figure(
        differenceIntervals({
          rows: remedies.map(({ name, differences }) => {
            const { value, low, high, pHolm } = differences![by];
            return { name, value: 100 * value, low: 100 * low, high: 100 * high, sure: pHolm < ALPHA };
          }),
          title: `${by[0].toUpperCase()}${by.slice(1)}: difference to the baseline`,
          valueName: 'difference to the baseline (percentage points)',
        }),
      ),
    );
  }
  blocks.push(scoreTable(input), await figure(recallFigure(input)));
  for (const name of Object.keys(baseline.scores)) if (name !== by) blocks.push(differenceTable(name, remedies));
  blocks.push(
    table(
      'What each costs: the time of one training here, and that of the baseline.',
      ['', 'training', 'of the baseline', 'what it does'],
      compared.map(({ name }) => [
        name,
        formatDuration(seconds[name]),
        `${(seconds[name] / seconds[BASELINE]).toFixed(2)} ×`,
        REMEDIES[name]?.description ?? 'the recipe as it is',
      ]),
    ),
  );
  if (dropped.length > 0) {
    blocks.push(
      table(
        'Given up under the budget, by balanced accuracy on the validation images (successive halving).',
        ['', 'seeds', 'validation'],
        dropped.map(({ name, seeds, validation }) => [name, seeds, percent(validation)]),
      ),
    );
  }
  if (diverged.length > 0) {
    blocks.push(paragraph(`Of these the loss was no longer a number, so they are left out: ${diverged.join(', ')}.`));
  }
  return blocks;
}

/** Every recipe's scores with their intervals; the score that decides comes first. */
function scoreTable({ compared, by }: SectionInput): Block {
  const names = Object.keys(compared[0].scores);
  const others = names.filter((name) => name !== by);
  const header = ['', 'seeds', by, '95 % interval', 'difference', 'p (Holm)', ...others];
  const rows = compared.map(({ name, seeds, scores, differences }): Cell[] => {
    const own = differences?.[by];
    return [
      ...[name, seeds, percent(scores[by].value), interval(scores[by])],
      ...(own ? [points(own.value), pText(own.pHolm)] : [null, null]),
      ...others.map((score) => percent(scores[score].value)),
    ];
  });
  return table('Scores on the test images.', header, rows);
}

/** Differences to the baseline in a score that does not decide. */
function differenceTable(score: string, remedies: readonly Compared[]): Block {
  return table(
    `Differences to the baseline in ${score}.`,
    ['', 'difference', '95 % interval', 'p', 'p (Holm)'],
    remedies.map(({ name, differences }) => {
      const { value, low, high, p, pHolm } = differences![score];
      return [name, points(value), `${points(low)} to ${points(high)}`, pText(p), pText(pHolm)];
    }),
  );
}

/** Recall of each class, the largest in training first. */
function recallFigure({ compared, classNames, trainingCounts, testCounts }: SectionInput): Figure {
  const order = [...trainingCounts.keys()]
    .filter((c) => testCounts[c] > 0)
    .sort((a, b) => trainingCounts[b] - trainingCounts[a] || a - b)
    .slice(-MOST_CLASSES);
  return metricHeatmap({
    name: 'recall_by_class_size',
    title: 'Recall of each class, the largest first',
    caption:
      'Under each class its training images. Outlined: the best of each class. A small class has few test images, so its recall is uncertain.',
    models: compared.map(({ name }) => name),
    metrics: order.map((c) => `${classNames[c]} (${trainingCounts[c]})`),
    scores: compared.map(({ recalls }) => order.map((c) => recalls[c].value)),
  });
}
