import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { classCounts } from '../../data/class_counts.ts';
import type { ImageDataset } from '../../data/image_dataset.ts';
import type { LongTailedData } from '../../data/training_data.ts';
import type { ImageClassifier } from '../../nn/models/image_classifier.ts';
import { writeFileAtomically } from '../../node/atomic_file.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { Recipe } from '../../train/recipe.ts';
import type { Figure } from '../plots/index.ts';
import { blocksHtml } from '../report/block_html.ts';
import { reportPage } from '../report/page.ts';
import { type Block, paragraph } from '../run/blocks.ts';
import { describeData } from '../run/describe_results.ts';
import { DONE, FAILED } from '../run/exit_codes.ts';
import { RunFolder } from '../run/run_folder.ts';
import { networkFrom, readWeightsFile } from '../run/weights_file.ts';
import type { SweepTraining } from '../sweep/sweep_file.ts';
import { type SweepResults, trainingFolder } from '../sweep/sweep_results.ts';
import { answerOf } from './answer.ts';
import { type Compared, type ComparedScore, compareCandidates, SCORES, scoreCalled } from './comparison.ts';
import { type ComparisonConfiguration, type ComparisonResults, newComparison } from './comparison_results.ts';
import { comparisonSection } from './comparison_section.ts';
import { exampleFigures } from './examples.ts';
import { nextCommands, recipeFlags } from './next_commands.ts';
import { BASELINE } from './remedies.ts';
import type { Outcome } from './resampled_scores.ts';
import type { Finished, Rounds } from './rounds.ts';
import { testOutcome } from './test_outcomes.ts';

/** The folder of the trainings within a comparison's. */
export const STUDY = 'study';

/** What the analysis is made from. */
export interface TrainedComparison {
  path: string;
  configuration: ComparisonConfiguration;
  results: SweepResults;
  rounds: Rounds;
  diverged: ReadonlySet<string>;
  trainingOf: (name: string, seed: number) => SweepTraining;
}

/** What a training came to, where it is finished. */
export function finishedOf({ trainings, timings }: SweepResults, { name }: SweepTraining): Finished | undefined {
  if (!Object.hasOwn(trainings, name)) return undefined;
  const { history, keptEpoch = history.length } = trainings[name];
  const { trainingSeconds, evaluationSeconds } = timings[name];
  const validation = history[keptEpoch - 1]?.validation?.balancedAccuracy ?? 0;
  return { seconds: trainingSeconds + evaluationSeconds, validation };
}

/** Compares the trained networks on the test images, and writes results.json, figures and report.html. Returns the exit code: 1 where a remedy diverged. */
export async function writeComparison(
  gpu: Gpu,
  dataset: ImageDataset,
  data: LongTailedData,
  trained: TrainedComparison,
): Promise<number> {
  const { path, configuration, results, rounds, diverged } = trained;
  const { study } = configuration;
  const { classNames } = dataset;
  const { dropped } = rounds;
  const score = scoreCalled(configuration.by, classNames);
  const { outcomes, seconds } = await outcomesOf(trained);
  const { labels } = data.test;
  const scores = SCORES.includes(score) ? SCORES : [score, ...SCORES];
  const candidates = [...outcomes].map(([name, own]) => ({ name, outcomes: own }));
  const compared = compareCandidates(labels, candidates, { classes: data.classes, scores, seed: study.seeds[0] });
  const common = { compared, by: score.name, dropped, classNames, testCounts: classCounts(labels, data.classes) };
  const answer = answerOf({ ...common, ascends: score.ascends });

  const folder = await RunFolder.into(path);
  try {
    const figure = async (made: Figure): Promise<Block> => {
      await folder.writeFigure(made);
      return { kind: 'figure', name: made.name, title: made.title, caption: made.caption };
    };
    const about = { ...common, answer, seconds, trainingCounts: data.counts, diverged: [...diverged] };
    const section = await comparisonSection(about, figure);
    const shown = answer.winner ?? bestOf(compared, score);
    if (shown !== undefined) {
      const of = async (name: string) => ({
        ...{ name, model: await networkOf(gpu, dataset, trained, name) },
        outcome: (outcomes.get(name) as Outcome[])[0],
      });
      const examples = { gpu, dataset, data, baseline: await of(BASELINE), other: await of(shown) };
      for (const made of await exampleFigures(examples)) section.push(await figure(made));
    }
    const commands = nextCommands(study, answer.winner ?? BASELINE);
    section.push(
      paragraph(`To train ${answer.winner ?? 'the baseline'} on all training images, and to predict with it:`),
    );
    section.push(...commands.map(paragraph));
    const comparison: ComparisonResults = {
      ...newComparison(configuration),
      ...{ environment: results.environment, dataset: describeData(dataset, data), timings: seconds },
      outcome: {
        ...{ testCounts: common.testCounts, compared, dropped, diverged: [...diverged] },
        ...{ winner: answer.winner, answer: answer.sentences, section },
      },
    };
    await folder.writeJson('results.json', comparison);
    const page = await pageOf(comparison, (name) =>
      readFile(folder.file('figures', `${name}.svg`), 'utf8').catch(() => undefined),
    );
    await writeFileAtomically(folder.file('report.html'), page);
    console.log(`\n${answer.sentences.join('\n')}\n\nReport: ${folder.file('report.html')}\n${commands.join('\n')}`);
    return diverged.size > 0 ? FAILED : DONE;
  } finally {
    folder.release();
  }
}

/** Of each recipe that is compared, what its networks say of the test images, a seed each, and the mean seconds of a training. The baseline is first. */
async function outcomesOf({ path, configuration, results, rounds, diverged, trainingOf }: TrainedComparison) {
  const gone = new Set([...diverged, ...rounds.dropped.map(({ name }) => name)]);
  const outcomes = new Map<string, Outcome[]>();
  const seconds: Record<string, number> = {};
  for (const name of Object.keys(configuration.study.variants)) {
    if (gone.has(name)) continue;
    const own: Outcome[] = [];
    seconds[name] = 0;
    for (let seed = 0; seed < rounds.seeds; seed++) {
      const training = trainingOf(name, seed);
      own.push(await testOutcome(trainingFolder(join(path, STUDY), training.name), training.recipe));
      seconds[name] += (finishedOf(results, training)?.seconds ?? 0) / rounds.seeds;
    }
    outcomes.set(name, own);
  }
  return { outcomes, seconds };
}

/** The remedy that is the best by a score, sure or not; undefined where there is none. */
function bestOf(compared: readonly Compared[], { name, ascends }: ComparedScore): string | undefined {
  const gainOf = ({ differences }: Compared) => (ascends ? 1 : -1) * (differences?.[name].value ?? 0);
  return [...compared.slice(1)].sort((a, b) => gainOf(b) - gainOf(a)).at(0)?.name;
}

/** The network of a recipe's first seed, in evaluation mode. */
async function networkOf(
  gpu: Gpu,
  { channels, height: imageSize, classNames }: ImageDataset,
  { path, trainingOf }: TrainedComparison,
  name: string,
): Promise<ImageClassifier> {
  const { name: training, recipe } = trainingOf(name, 0);
  const file = join(trainingFolder(join(path, STUDY), training), 'weights.safetensors');
  const { weights } = await readWeightsFile(file);
  const known = { classes: classNames.length, channels, width: recipe.width, imageSize };
  return networkFrom(gpu, { path: file, weights }, recipe.model, known).eval();
}

/** The report: the answer first. */
async function pageOf(
  { configuration, dataset, outcome }: ComparisonResults,
  figures: (name: string) => Promise<string | undefined>,
): Promise<string> {
  const { study, by } = configuration;
  const images = dataset?.trainingCounts.reduce((sum, count) => sum + count, 0);
  const base = recipeFlags(study.base as Partial<Recipe>);
  const header = `<h1>Which remedy helps these images?</h1>
<p class="about">${await blocksHtml([paragraph(`${dataset?.name}: ${images} training images, ${dataset?.tested} test images, seeds ${study.seeds.join(', ')}; decided by ${by}; all by the same recipe (${base}) and number of steps.`)], figures)}</p>`;
  return reportPage({
    title: `wgrad compare: ${dataset?.name}`,
    header,
    main: `<section>${await blocksHtml(outcome?.section ?? [], figures)}</section>`,
  });
}
