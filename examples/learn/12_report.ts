// Reading a report: two losses on the lab's long tail, three seeds each, as `npm run lab` would write it; then what its numbers can tell.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as lab from 'wgrad/lab';
import { figure, say } from './shared/page.ts';

const LOSSES = ['ce', 'balanced-softmax'] as const;
const experiment: lab.Experiment = {
  id: 'losses',
  title: 'Two losses',
  question: 'What does balanced softmax change?',
  async run(context) {
    const base = lab.baseRecipe(context.configuration, 'ps4');
    const compared = await lab.compareTrainings(
      context,
      LOSSES.map((loss) => ({ name: loss, recipe: { ...base, loss, lr: 4e-3 } })),
    );
    return { results: lab.comparisonResults(compared), section: [lab.scoreTable('Two losses.', compared)] };
  },
};

const out = mkdtempSync(join(tmpdir(), 'wgrad-learn-'));
const tail = { imbalance: 20, maxPerClass: 200, testPerClass: 100 };
await lab.runLab({ preset: 'smoke', data: 'mnist', epochs: 4, seeds: 3, ...tail, out }, [experiment]);
const { experiments, trainings, dataset } = JSON.parse(
  readFileSync(join(out, readdirSync(out)[0], 'results.json'), 'utf8'),
);
rmSync(out, { recursive: true });

const { tested: count } = dataset;
say('test images', count);
say('accuracy of always guessing class 0', 1 / dataset.classNames.length);
const byLoss: Record<string, { accuracies: number[]; confusion: number[][] }> = {};
for (const loss of LOSSES) {
  const { scores, deviations, recalls, trainings: keys } = experiments.losses.results[loss];
  const tests = keys.map((key: string) => trainings[key].test);
  byLoss[loss] = {
    accuracies: tests.map((test: { accuracy: number }) => test.accuracy),
    confusion: tests[0].confusion,
  };
  say(`${loss}: accuracy of each seed`, byLoss[loss].accuracies.join(', '));
  say(`${loss}: mean accuracy`, scores.accuracy.toFixed(3));
  say(`${loss}: deviation over the seeds`, deviations.accuracy.toFixed(3));
  say(`${loss}: macro F1`, scores.macroF1.toFixed(3));
  say(`${loss}: recall of the three largest, the middle and the three smallest classes`, [recalls.largest, recalls.middle, recalls.smallest].map((value) => value.toFixed(2)).join(', ')); // biome-ignore format: short
  // A binomial share of `count` images: what another draw of test images would change, by one standard deviation.
  say(
    `${loss}: standard error of one accuracy`,
    Math.sqrt((scores.accuracy * (1 - scores.accuracy)) / count).toFixed(4),
  );
}

const [ce, balanced] = LOSSES.map((loss) => experiments.losses.results[loss]);
say('difference of the means', (balanced.scores.accuracy - ce.scores.accuracy).toFixed(3));
const gains = byLoss['balanced-softmax'].accuracies.map((value, i) => (value - byLoss.ce.accuracies[i]).toFixed(3));
say('gain of each seed', gains.join(', '));
const ofMean = Math.hypot(ce.deviations.accuracy, balanced.deviations.accuracy) / Math.sqrt(3);
say('its standard error, by the seeds', ofMean.toFixed(3));

// Column sums: how often each class is guessed. The test set has as many images of each.
const guessed = (confusion: number[][]) => confusion[0].map((_, c) => confusion.reduce((sum, row) => sum + row[c], 0));
for (const loss of LOSSES)
  say(`${loss}: guesses of each class, first seed`, guessed(byLoss[loss].confusion).join(', '));
const worstOfOne = Math.min(...byLoss['balanced-softmax'].accuracies);
say(
  'every seed of balanced softmax beats every seed of cross-entropy',
  String(worstOfOne > Math.max(...byLoss.ce.accuracies)),
);

await figure(() =>
  lab.confusionMatrices({
    name: '12_report',
    title: 'Rows: the digit; columns: what it was taken for',
    panels: LOSSES.map((title) => ({ title, matrix: byLoss[title].confusion })),
    classNames: dataset.classNames,
  }),
);
