import { differenceDots } from '../plots/index.ts';
import { type Block, finding, paragraph, table } from '../run/blocks.ts';
import { listed, percent } from '../terminal/text_table.ts';
import { IMPROVEMENT_GROUPS } from './improvement.ts';
import { type ImprovementTrial, VALIDATION_SHARE } from './improvement_trial.ts';
import {
  COMPARED_LABELS,
  type ComparedScore,
  type Comparison,
  type MeasuredImprovement,
} from './measure_improvements.ts';

/** The comparison for the report: what was done, how far each improvement is from the baseline, and what can be said of it. */
export async function comparisonSection(trial: ImprovementTrial, comparison: Comparison): Promise<Block[]> {
  const { measured } = comparison;
  return [
    method(trial, comparison),
    ...(measured.length > 0 ? [await differencesFigure(trial, comparison)] : []),
    scoresTable(comparison),
    ...measured.flatMap(({ outcome }) => outcome?.section ?? []),
    table(
      'What each improvement does, and what is to be known of its scores.',
      ['improvement', 'group', 'what is done', 'note'],
      measured.map(({ improvement: { title, group, description }, note }) => [title, group, description, note ?? '']),
    ),
    ...comparisonFindings(comparison, trial.data.test.count, trial.context.configuration.seeds),
  ];
}

function method(trial: ImprovementTrial, { minority }: Comparison): Block {
  const { data, validation, recipe } = trial;
  const names = minority.map((c) => data.classNames[c]).join(', ');
  return paragraph(
    `Each improvement changes one thing of the same training, CustomCNN for ${recipe.epochs} ${recipe.epochs === 1 ? 'epoch' : 'epochs'}, and is compared with the baseline of the same length on the same images. ${percent(VALIDATION_SHARE)} of the training images of each class, ${validation.count} in all, are kept back from these trainings: thresholds, groups and pairs of classes are chosen on them, never on the test images. So the baseline here is not PS3's network: it has seen fewer images. Minority recall is the mean recall of the smallest classes: ${names}.`,
  );
}

/** Percentage points with a sign: '+1.2', '−0.4'. */
export function points(difference: number | null): string {
  if (difference === null) return '–';
  const text = (100 * difference).toFixed(1).replace('-', '−');
  return difference > 0 ? `+${text}` : text;
}

function differencesFigure({ context }: ImprovementTrial, { names, measured }: Comparison) {
  const { seeds } = context.configuration;
  const caveat =
    seeds === 1
      ? 'One seed each: another one moves every marker, by how much the spread of the ensemble’s members shows.'
      : `Means over ${seeds} seeds.`;
  return context.figure(
    differenceDots({
      name: 'improvements',
      title: 'Improvements beside the baseline',
      caption: `Difference of each improvement to the baseline in ${listed(names.map((score) => COMPARED_LABELS[score]))}; right of the line is better. ${caveat} Rejection is scored on the images it decides.`,
      metrics: names.map((score) => COMPARED_LABELS[score]),
      groups: IMPROVEMENT_GROUPS.flatMap((name) => {
        const rows = measured
          .filter(({ improvement }) => improvement.group === name)
          .map((one) => differencesRow(one, names));
        return rows.length > 0 ? [{ name, rows }] : [];
      }),
      valueName: 'difference to the baseline (percentage points)',
    }),
  );
}

function differencesRow({ improvement, differences }: MeasuredImprovement, names: readonly ComparedScore[]) {
  const values = names.map((score) => differences[score]);
  return { name: improvement.title, differences: values.map((value) => (value === null ? Number.NaN : 100 * value)) };
}

function scoresTable({ names, baseline, measured }: Comparison): Block {
  return table(
    'Scores on the test images, and their differences to the baseline in percentage points.',
    ['', 'group', ...names.flatMap((score) => [COMPARED_LABELS[score], 'difference'])],
    [
      ['baseline', '', ...names.flatMap((score) => [percent(baseline[score]), ''])],
      ...measured.map(({ improvement: { title, group }, scores, differences, deviations }) => [
        title,
        group,
        ...names.flatMap((score) => {
          const spread = deviations?.[score];
          const difference = points(differences[score]);
          return [
            percent(scores[score]),
            spread === null || spread === undefined ? difference : `${difference} ± ${(100 * spread).toFixed(1)}`,
          ];
        }),
      ]),
    ],
  );
}

/** Sentences that the comparison's numbers support. `images`: those tested. */
export function comparisonFindings({ names, baseline, measured }: Comparison, images: number, seeds: number): Block[] {
  // Rejection decides other images than the baseline does: its scores are no gain.
  const comparable = measured.filter(({ standardError }) => standardError !== null);
  if (comparable.length === 0) return [];
  const findings = names.flatMap((score) => bestFinding(score, baseline[score], comparable));
  const sure = comparable.filter(
    ({ differences: { accuracy }, standardError }) =>
      accuracy !== null && standardError !== null && Math.abs(accuracy) > 2 * standardError,
  );
  const better = sure.filter(({ differences }) => (differences.accuracy ?? 0) > 0).length;
  findings.push(
    `Of ${comparable.length} improvements that decide all ${images} test images, ${better} raise and ${sure.length - better} lower the accuracy by more than two standard errors, by the number of test images; ${
      seeds === 1
        ? 'what another seed would change is not in these, as each was trained with one seed'
        : `their means are over ${seeds} seeds, the errors of the first`
    }.`,
  );
  const costly = comparable.filter(
    ({ differences: { accuracy, minorityRecall } }) =>
      accuracy !== null && minorityRecall !== null && accuracy < 0 && minorityRecall > 0,
  );
  if (costly.length > 0) {
    findings.push(
      `${listed(costly.map(({ improvement }) => improvement.title))} ${costly.length === 1 ? 'helps' : 'help'} the smallest classes and ${costly.length === 1 ? 'costs' : 'cost'} accuracy.`,
    );
  }
  return findings.map(finding);
}

function bestFinding(score: ComparedScore, before: number | null, measured: readonly MeasuredImprovement[]): string[] {
  const known = measured.filter(({ differences }) => differences[score] !== null);
  if (known.length === 0) return [];
  const difference = ({ differences }: MeasuredImprovement) => differences[score] ?? 0;
  const best = known.reduce((most, one) => (difference(one) > difference(most) ? one : most));
  const name = COMPARED_LABELS[score];
  if (difference(best) <= 0) return [`No improvement raises the ${name} of the baseline, ${percent(before)}.`];
  return [
    `${best.improvement.title} has the highest ${name}: ${percent(best.scores[score])}, ${points(difference(best))} points beside the baseline's ${percent(before)}.`,
  ];
}
