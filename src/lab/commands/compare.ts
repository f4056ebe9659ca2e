import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { classCounts } from '../../data/class_counts.ts';
import { type ImageDataset, isKnown } from '../../data/image_dataset.ts';
import { type LongTailedData, longTailedData } from '../../data/training_data.ts';
import { writeFileAtomically } from '../../node/atomic_file.ts';
import { openDevice } from '../../node.ts';
import { UserError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { Rung } from '../../runtime/rungs.ts';
import type { Recipe } from '../../train/recipe.ts';
import { answerOf } from '../compare/answer.ts';
import { type ComparedScore, compareCandidates, recallOf, SCORES } from '../compare/comparison.ts';
import {
  COMPARISON_RESULTS,
  type ComparisonConfiguration,
  type ComparisonResults,
  newComparison,
} from '../compare/comparison_results.ts';
import { comparisonSection, recipeFlags } from '../compare/comparison_section.ts';
import { exampleFigures } from '../compare/examples.ts';
import { BASELINE, checkRemedies, DEFAULT_REMEDIES, REMEDIES } from '../compare/remedies.ts';
import type { Outcome } from '../compare/resampled_scores.ts';
import { type Finished, planRounds, type Rounds } from '../compare/rounds.ts';
import { testOutcome } from '../compare/test_outcomes.ts';
import { blocksHtml } from '../report/block_html.ts';
import { reportPage } from '../report/page.ts';
import { type Block, paragraph } from '../run/blocks.ts';
import { amountOf, type DataAmount, type DataReading, readingOf } from '../run/data_fields.ts';
import { describeData } from '../run/describe_results.ts';
import { DONE, FAILED, STOPPED } from '../run/exit_codes.ts';
import { readResults } from '../run/results_file.ts';
import { RunFolder } from '../run/run_folder.ts';
import { networkFrom, readWeightsFile } from '../run/weights_file.ts';
import { type Shard, type SweepTraining, shardOf, sweepSchema, sweepTrainings } from '../sweep/sweep_file.ts';
import { collectSweep, type SweepResults, sweepFolder, trainingFolder, writeSweep } from '../sweep/sweep_results.ts';
import { checkData, chooseDataset, recordedData } from './choose_dataset.ts';
import { makeAtOnce, makeTrainings } from './sweep.ts';

/** Share of the training images that a data set known by its name holds out to choose by. */
const VALIDATION = 0.1;

export interface CompareOptions extends DataReading, DataAmount {
  /** A name, or where images of one's own are. */
  data: string;
  dataDir?: string;
  /** Default: `DEFAULT_REMEDIES`. */
  remedies?: string[];
  network?: Recipe['model'];
  width?: number;
  epochs?: number;
  batchSize?: number;
  validation?: Recipe['validation'];
  /** The first of the seeds. */
  seed: number;
  /** How many follow each other. */
  seeds: number;
  /** Seconds of training. */
  budget?: number;
  /** The score that decides: a name of `SCORES` with '-' for spaces, or 'recall:CLASS'. */
  by: string;
  /** The comparison's folder: begun there, gone on with there, or done there already. Default: runs/compare-NAME of the data. */
  into?: string;
  /** Make these of the trainings alone. */
  shard?: Shard;
  /** Trainings that run at once, each in a process of its own. Default 1. */
  jobs?: number;
  adapter?: string;
  imageMemory?: number;
  rung?: Rung;
  signal: AbortSignal;
}

/** The folder of the trainings within a comparison's. */
const STUDY = 'study';

/**
 * Trains a baseline and remedies for imbalance with several seeds, and says which of them help on the test images, by how much, and how sure that is. All is kept
 * under one folder: the trainings as a sweep, results.json, report.html and figures.
 *
 * @returns the exit code: 0 when all is done, 1 where a remedy's training diverged, that of a training that was stopped
 */
export async function runCompare(options: CompareOptions): Promise<number> {
  const { data, shard, jobs = 1, signal } = options;
  checkData(data);
  // A class that there is not is known before anything is trained.
  if (options.by.startsWith('recall:')) {
    const { dataDir } = options;
    const { classNames } = await chooseDataset({ ...readingOf(options), name: data, dataDir, signal, say: () => {} });
    scoreCalled(options.by, classNames);
  }
  const configuration = configurationOf(options);
  const { study, budget } = configuration;
  const path = options.into ?? join('runs', `compare-${basename(data).replace(/\.\w+$/, '')}`);
  if (await isDoneIn(path, configuration)) {
    console.log(`${path}: done before. Report: ${join(path, 'report.html')}`);
    return DONE;
  }
  const studyPath = join(path, STUDY);
  const folder = await sweepFolder(studyPath, study);
  // For processes that make trainings of it, and to look at by `wgrad sweep --status`.
  const file = join(path, 'study.json');
  await writeFileAtomically(file, `${JSON.stringify(study, null, 2)}\n`);
  const all = sweepTrainings(study);
  const again = `npx wgrad compare --data ${shellWord(data)} --into ${shellWord(path)}${shard ? ` --shard ${shard.index}/${shard.of}` : ''}, with the other options as before`;
  const { dataDir, adapter, imageMemory, rung } = options;
  const common = { path: studyPath, sweep: study, again, signal, dataDir, adapter, imageMemory, rung };
  const at = new Map(all.map((training) => [`${training.variant} ${training.recipe.seed}`, training]));
  const trainingOf = (name: string, seed: number) => at.get(`${name} ${study.seeds[seed]}`) as SweepTraining;

  const diverged = new Set<string>();
  for (;;) {
    const results = await collectSweep(studyPath, study);
    await writeSweep(folder, results);
    const names = Object.keys(study.variants).filter((name) => !diverged.has(name));
    const rounds = planRounds(names, { seeds: study.seeds.length, budget }, (name, seed) =>
      finishedOf(results, trainingOf(name, seed)),
    );
    const next =
      shard === undefined ? rounds.next : shardOf(all, shard).flatMap((training) => missing(training, results));
    if (next.length === 0) {
      if (rounds.next.length > 0) {
        console.log(
          `\nThis part is done. ${rounds.next.length} trainings of other parts are not; the one that ends last compares.`,
        );
        return DONE;
      }
      return analyse(options, { path, configuration, results, rounds, diverged, trainingOf });
    }
    const trainings = next.map(({ name, seed }) => trainingOf(name, seed));
    const making = { ...common, done: results.trainings };
    const code =
      jobs > 1
        ? await makeAtOnce(trainings, making, { jobs, args: sweepArgs(file, options), count: all.length })
        : await makeTrainings(trainings, making);
    if (code !== DONE && code !== FAILED) return code;
    if (code === FAILED) {
      const after = await collectSweep(studyPath, study);
      for (const { name, seed } of next)
        if (finishedOf(after, trainingOf(name, seed)) === undefined) diverged.add(name);
      if (diverged.has(BASELINE))
        throw new UserError('The training of the baseline diverged; give another --width or --batch-size.');
    }
  }

  function missing({ variant = '', recipe }: SweepTraining, { trainings }: SweepResults) {
    const seed = study.seeds.indexOf(recipe.seed);
    const isMade = Object.hasOwn(trainings, trainingOf(variant, seed).name);
    return isMade || diverged.has(variant) ? [] : [{ name: variant, seed }];
  }
}

/** The command that makes trainings of a comparison's study. */
function sweepArgs(file: string, { dataDir, adapter, imageMemory, rung }: CompareOptions): string[] {
  return [
    ...['sweep', file],
    ...(dataDir === undefined ? [] : ['--data-dir', dataDir]),
    ...(adapter === undefined ? [] : ['--adapter', adapter]),
    ...(imageMemory === undefined ? [] : ['--image-memory', `${imageMemory / 2 ** 20}`]),
    ...(rung === undefined ? [] : ['--rung', rung]),
  ];
}

/** What a comparison is, from its options. @throws UserError for remedies or scores that are none. */
function configurationOf(options: CompareOptions): ComparisonConfiguration {
  const { data, remedies = DEFAULT_REMEDIES, network, width, seed, seeds, budget = null, by } = options;
  checkRemedies(remedies);
  const epochs = options.epochs ?? 12;
  const base: Partial<Recipe> = {
    ...{ model: network ?? 'custom-cnn', width: width ?? (network === undefined ? 1 / 8 : 1), epochs },
    // A rate that stays: what begins late could not learn with one that has fallen.
    ...{ batchSize: options.batchSize ?? 32, draws: 'images' },
    validation: options.validation ?? (isKnown(data) ? VALIDATION : undefined),
  };
  const given = Object.entries(base).filter(([, value]) => value !== undefined);
  const variants = remedies.map((name) => [name, REMEDIES[name].changes({ epochs })] as const);
  const study = sweepSchema.parse({
    ...{ data: recordedData(data), ...readingOf(options) },
    ...Object.fromEntries(Object.entries(amountOf(options)).filter(([, value]) => value !== undefined)),
    ...{ base: Object.fromEntries(given), variants: { [BASELINE]: {}, ...Object.fromEntries(variants) } },
    seeds: Array.from({ length: seeds }, (_, i) => seed + i),
  });
  return { study, by, budget };
}

/** Whether a folder holds the outcome of a comparison; one that does not is begun there. @throws UserError where it holds another one, or another run. */
async function isDoneIn(path: string, configuration: ComparisonConfiguration): Promise<boolean> {
  const folder = await RunFolder.at(path);
  if (!(await RunFolder.holdsRun(path))) {
    await folder.writeJson('results.json', newComparison(configuration));
    return false;
  }
  const earlier = await readResults<ComparisonResults>(folder, COMPARISON_RESULTS);
  if (JSON.stringify(earlier.configuration) === JSON.stringify(configuration)) return earlier.outcome !== null;
  throw new UserError(`${path} holds another comparison; name another folder with --into, or remove it.`);
}

/** What a training came to, where it is finished. */
function finishedOf({ trainings, timings }: SweepResults, { name }: SweepTraining): Finished | undefined {
  if (!Object.hasOwn(trainings, name)) return undefined;
  const { history, keptEpoch = history.length } = trainings[name];
  const { trainingSeconds, evaluationSeconds } = timings[name];
  const validation = history[keptEpoch - 1]?.validation?.balancedAccuracy ?? 0;
  return { seconds: trainingSeconds + evaluationSeconds, validation };
}

/** What the analysis is made from. */
interface Trained {
  path: string;
  configuration: ComparisonConfiguration;
  results: SweepResults;
  rounds: Rounds;
  diverged: ReadonlySet<string>;
  trainingOf: (name: string, seed: number) => SweepTraining;
}

/** Looks at the test images, once, and writes what the comparison comes to. */
async function analyse(options: CompareOptions, trained: Trained): Promise<number> {
  const { signal, dataDir, adapter, imageMemory, rung } = options;
  const { study } = trained.configuration;
  const seed = study.seeds[0];
  const gpu = await openDevice({ adapter, imageMemory, seed, rung });
  try {
    const dataset = await chooseDataset({ ...readingOf(study), name: study.data, dataDir, signal, say: () => {} });
    const largest = Math.max(...classCounts(dataset.train.labels, dataset.classNames.length));
    const { imbalance = dataset.natural ? null : 1, maxPerClass = largest, testPerClass = null } = study;
    const data = longTailedData(gpu, dataset, { ...amountOf(study), imbalance, maxPerClass, testPerClass, seed });
    return await report(gpu, dataset, data, trained);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    return STOPPED;
  } finally {
    gpu.close();
  }
}

async function report(gpu: Gpu, dataset: ImageDataset, data: LongTailedData, trained: Trained): Promise<number> {
  const { path, configuration, results, rounds, diverged, trainingOf } = trained;
  const { study, by } = configuration;
  const score = scoreCalled(by, dataset.classNames);
  const gone = new Set([...diverged, ...rounds.dropped.map(({ name }) => name)]);
  const names = Object.keys(study.variants).filter((name) => !gone.has(name));
  const outcomes = new Map<string, Outcome[]>();
  const seconds: Record<string, number> = {};
  for (const name of names) {
    const own: Outcome[] = [];
    let total = 0;
    for (let seed = 0; seed < rounds.seeds; seed++) {
      const training = trainingOf(name, seed);
      own.push(await testOutcome(trainingFolder(join(path, STUDY), training.name), training.recipe));
      total += finishedOf(results, training)?.seconds ?? 0;
    }
    outcomes.set(name, own);
    seconds[name] = total / rounds.seeds;
  }
  const { labels, classes } = { labels: data.test.labels, classes: data.classes };
  const candidates = [...outcomes].map(([name, own]) => ({ name, outcomes: own }));
  const scores = SCORES.some(({ name }) => name === score.name) ? SCORES : [score, ...SCORES];
  const compared = compareCandidates(labels, candidates, { classes, scores, seed: study.seeds[0] });
  const testCounts = classCounts(labels, classes);
  const { classNames } = dataset;
  const answer = answerOf({
    compared,
    by: score.name,
    ascends: score.ascends,
    dropped: rounds.dropped,
    classNames,
    testCounts,
  });

  const folder = await RunFolder.into(path);
  try {
    const figure = async (made: Parameters<RunFolder['writeFigure']>[0]): Promise<Block> => {
      await folder.writeFigure(made);
      return { kind: 'figure', name: made.name, title: made.title, caption: made.caption };
    };
    const section = await comparisonSection(
      {
        ...{ answer, compared, by: score.name, classNames, testCounts, trainingCounts: data.counts, seconds },
        ...{ dropped: rounds.dropped, diverged: [...diverged] },
      },
      figure,
    );
    const remedies = compared.slice(1);
    const gainOf = (name: string) => {
      const value = compared.find((one) => one.name === name)?.differences?.[score.name].value ?? 0;
      return score.ascends ? value : -value;
    };
    const shown = answer.winner ?? remedies.map(({ name }) => name).sort((a, b) => gainOf(b) - gainOf(a))[0];
    if (shown !== undefined) {
      const load = async (name: string) => {
        const { name: training, recipe } = trainingOf(name, 0);
        const file = join(trainingFolder(join(path, STUDY), training), 'weights.safetensors');
        const { weights } = await readWeightsFile(file);
        const { channels, height: imageSize } = dataset;
        const known = { classes, channels, width: recipe.width, imageSize };
        return networkFrom(gpu, { path: file, weights }, recipe.model, known).eval();
      };
      const [baseline, other] = [await load(BASELINE), await load(shown)];
      const made = await exampleFigures({
        ...{ gpu, dataset, data, baseline: { model: baseline, outcome: outcomes.get(BASELINE)![0] } },
        other: { name: shown, model: other, outcome: outcomes.get(shown)![0] },
      });
      for (const one of made) section.push(await figure(one));
    }
    const commands = nextCommands(study, answer.winner ?? BASELINE);
    section.push(
      paragraph(`To train ${answer.winner ?? 'the baseline'} on all training images, and to predict with it:`),
    );
    for (const command of commands) section.push(paragraph(command));
    const { environment } = results;
    const comparison: ComparisonResults = {
      ...newComparison(configuration),
      ...{ environment, dataset: describeData(dataset, data), timings: seconds },
      outcome: {
        ...{ testCounts, compared, dropped: rounds.dropped, diverged: [...diverged] },
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

/** The score of a name on the command line. @throws UserError where there is none. */
function scoreCalled(by: string, classNames: readonly string[]): ComparedScore {
  const known = SCORES.find(({ name }) => name.replaceAll(' ', '-').toLowerCase() === by.toLowerCase());
  if (known) return known;
  const name = /^recall:(.+)$/.exec(by)?.[1];
  const label = name === undefined ? -1 : classNames.indexOf(name);
  if (name !== undefined && label >= 0) return recallOf(name, label);
  if (name !== undefined) {
    throw new UserError(`There is no class "${name}" to compare recalls of: choose one of ${classNames.join(', ')}.`);
  }
  throw new UserError(`There is no score "${by}": ${BY_HELP}.`);
}

/** The values of `--by`. */
export const BY_HELP = `choose one of ${SCORES.map(({ name }) => name.replaceAll(' ', '-').toLowerCase()).join(', ')}, or recall:CLASS`;

/** @throws UserError for a score that no data set has, before anything is trained. */
export function checkScore(by: string): void {
  if (!by.startsWith('recall:')) scoreCalled(by, []);
}

/** How to train a recipe on all training images, and to predict with it. */
function nextCommands(study: ComparisonConfiguration['study'], name: string): string[] {
  const given = { ...study.base, ...study.variants[name] } as Partial<Recipe>;
  const recipe = { ...given, validation: 0 as Recipe['validation'], seed: study.seeds[0] };
  // What it chooses τ by.
  if (recipe.secondStage === 'tau-norm') recipe.validation = VALIDATION;
  const into = join('runs', name);
  const reading = Object.entries({ ...readingOf(study), ...amountOf(study) })
    .filter(([, value]) => value !== undefined)
    .map(([option, value]) => {
      const flag = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return option === 'mirror' ? '--no-mirror' : value === true ? flag : `${flag} ${value}`;
    });
  const options = [recipeFlags(recipe), ...reading].filter((part) => part !== '').join(' ');
  return [
    `npx wgrad train --data ${shellWord(study.data as string)} ${options} --into ${into}`,
    `npx wgrad predict --weights ${join(into, 'weights.safetensors')} FOLDER_OF_IMAGES`,
  ];
}

/** A word of a command as a shell takes it. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
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
