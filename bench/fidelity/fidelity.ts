import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { Command } from 'commander';
import { type ImageDataset, longTailCounts } from '../../src/data/index.ts';
import { loadDataset } from '../../src/data/node.ts';
import { whole } from '../../src/lab/cli/option_values.ts';
import { trainingCurveGroups } from '../../src/lab/plots/index.ts';
import {
  readSweep,
  type Sweep,
  type SweepTraining,
  sweepSchema,
  sweepTrainings,
} from '../../src/lab/sweep/sweep_file.ts';
import { collectSweep } from '../../src/lab/sweep/sweep_results.ts';
import { recallByThird } from '../../src/metrics/class_thirds.ts';
import type { Recipe } from '../../src/train/recipe.ts';
import {
  type Condition,
  fidelityPage,
  meanLosses,
  samplesOf,
  type TrainingScores,
  type Welch,
} from './fidelity_page.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Studies in the order in which they are made. */
const STUDIES = ['deferred', 'resnet20', 'losses'] as const;
const LARGEST_CLASS = 5000;

interface Options {
  into: string;
  dataDir?: string;
  python: string;
  threads: number;
  pageOnly: boolean;
}

/** A process that answers on its standard output. Throws where it fails; its error output is shown. */
function answerOf(command: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${args[0]} ended with ${code}.`))));
    child.stdin.end(input);
  });
}

/** What a training came to, as it is kept in the project, so that hours of trainings need not be made again. */
interface Measured {
  /** What it was made by, and on what. */
  by: string;
  recipe: Recipe;
  parameters: number;
  history: { loss: number; accuracy: number }[];
  accuracy: number;
  /** Of each class. */
  recall: number[];
}

const SIDES = ['wgrad', 'torch'] as const;
type Side = (typeof SIDES)[number];

const measuredFile = (side: Side, study: string, name: string) => here(`./measured/${side}/${study}/${name}.json`);

/** What a side has measured of a training with this very recipe. */
function measured(side: Side, study: string, { name, recipe }: SweepTraining): Measured | undefined {
  const file = measuredFile(side, study, name);
  if (!existsSync(file)) return undefined;
  const found = JSON.parse(readFileSync(file, 'utf8')) as Measured;
  return isDeepStrictEqual(found.recipe, recipe) ? found : undefined;
}

/** Six digits are more than the page shows. */
const short = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);

function keep(side: Side, study: string, name: string, result: Measured): void {
  const file = measuredFile(side, study, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, `${JSON.stringify(result, short, 1)}\n`);
  renameSync(`${file}.part`, file);
}

/** Trainings of a study that a side has not made yet. */
async function missing(side: Side, study: string): Promise<{ content: Sweep; trainings: SweepTraining[] }> {
  const content = await readSweep(here(`${study}.yaml`));
  // Seed after seed, so that all conditions have as many.
  const trainings = sweepTrainings(content).sort((a, b) => a.recipe.seed - b.recipe.seed);
  return { content, trainings: trainings.filter((training) => !measured(side, study, training)) };
}

/** The trainings of a study by `wgrad sweep`, each as a study of its own, which goes on where it was stopped. */
async function trainOwn(study: string, { into, dataDir }: Options): Promise<void> {
  const main = here('../../src/lab/cli/main.ts');
  const data = dataDir === undefined ? [] : ['--data-dir', dataDir];
  const { content, trainings } = await missing('wgrad', study);
  for (const { name, given, recipe } of trainings) {
    const { seed, ...base } = given;
    const one = sweepSchema.parse({ ...content, base, variants: {}, grid: {}, seeds: [seed] });
    const folder = join(into, study, name);
    mkdirSync(dirname(folder), { recursive: true });
    writeFileSync(`${folder}.json`, JSON.stringify(one));
    const args = ['--import', 'tsx', main, 'sweep', `${folder}.json`, '--into', folder, ...data];
    await answerOf(process.execPath, args, '');
    const { trainings: done, environment } = await collectSweep(folder, one);
    const [{ parameters, history, test }] = Object.values(done);
    keep('wgrad', study, name, {
      by: `wgrad on ${(environment?.adapter as { description?: string } | undefined)?.description}`,
      recipe,
      parameters,
      history: history.map(({ loss, accuracy }) => ({ loss, accuracy })),
      accuracy: test.accuracy,
      recall: test.perClass.map(({ recall }) => recall),
    });
  }
}

/** The images as torch_training.py reads them. Returns their folder. */
function writeData(into: string, { train, test }: ImageDataset): string {
  const folder = join(into, 'data');
  mkdirSync(folder, { recursive: true });
  for (const [name, { images, labels }] of Object.entries({ train, test })) {
    writeFileSync(join(folder, `${name}_images.bin`), images.subarray(0, images.length));
    writeFileSync(join(folder, `${name}_labels.bin`), labels);
  }
  return folder;
}

/** The trainings of a study by PyTorch. */
async function trainTorch(study: string, data: string, { python, threads }: Options): Promise<void> {
  const { content, trainings } = await missing('torch', study);
  const counts = longTailCounts(10, content.maxPerClass ?? LARGEST_CLASS, content.imbalance ?? 1);
  for (const { name, recipe } of trainings) {
    console.error(`PyTorch: ${name}`);
    const request = { recipe, data, counts, testPerClass: content.testPerClass ?? null, threads };
    const answer = await answerOf(python, [here('torch_training.py')], JSON.stringify(request));
    const { torch, ...result } = JSON.parse(answer) as Omit<Measured, 'by' | 'recipe'> & { torch: string };
    keep('torch', study, name, { by: `PyTorch ${torch}`, recipe, ...result });
  }
}

/** Trainings that both sides have made, by what they have in common: the seeds of each are a sample. */
async function collect(): Promise<{ conditions: Condition[]; planned: number; torch: string }> {
  const conditions = new Map<string, Condition>();
  let [planned, torch] = [0, ''];
  for (const study of STUDIES) {
    const content = await readSweep(here(`${study}.yaml`));
    const counts = longTailCounts(10, content.maxPerClass ?? LARGEST_CLASS, content.imbalance ?? 1);
    for (const training of sweepTrainings(content)) {
      planned++;
      const { name, variant, recipe } = training;
      const [own, theirs] = SIDES.map((side) => measured(side, study, training));
      if (theirs === undefined || own === undefined) continue;
      if (theirs.parameters !== own.parameters) {
        throw new Error(
          `${name} has ${own.parameters} parameters here, and ${theirs.parameters} in PyTorch: not the same network.`,
        );
      }
      torch = theirs.by;
      const scores = ({ history, accuracy, recall }: Measured): TrainingScores => ({
        losses: history.map(({ loss }) => loss),
        trainingAccuracy: history.map((epoch) => epoch.accuracy),
        accuracy,
        recall: recallByThird({ perClass: recall.map((value) => ({ recall: value })) as never }, counts),
      });
      const title = `${recipe.model}, ${variant ?? recipe.loss}`;
      const condition = conditions.get(title) ?? { title, study, seeds: [] };
      condition.seeds.push({ wgrad: scores(own), torch: scores(theirs) });
      conditions.set(title, condition);
    }
  }
  return { conditions: [...conditions.values()], planned, torch };
}

/** docs/fidelity.md and its figure, of what is done so far. */
async function writePage(options: Options): Promise<void> {
  const { conditions, planned, torch } = await collect();
  if (conditions.length === 0) throw new Error('There is no training yet that both sides have made.');
  const tests = JSON.parse(
    await answerOf(options.python, [here('welch.py')], JSON.stringify(samplesOf(conditions))),
  ) as Welch;
  const groups = conditions.map((condition) => ({
    title: condition.title,
    runs: (['wgrad', 'torch'] as const).map((side) => meanLosses(condition, side)),
  }));
  const figure = trainingCurveGroups({ groups, title: 'Training in wgrad and in PyTorch', name: 'fidelity' });
  writeFileSync(join(root, 'docs', 'figures', 'fidelity.png'), figure.png);
  const done = conditions.reduce((sum, { seeds }) => sum + seeds.length, 0);
  writeFileSync(
    join(root, 'docs', 'fidelity.md'),
    fidelityPage({ conditions, tests, date: new Date().toISOString().slice(0, 10), done, planned, torch }),
  );
  console.log(`docs/fidelity.md: ${done} of ${planned} pairs of trainings.`);
}

const program = new Command('npm run bench:fidelity --')
  .description(
    'trains the same networks in wgrad and in PyTorch, and writes docs/fidelity.md; goes on where it was stopped',
  )
  .option(
    '--into <folder>',
    'where trainings go on from that were stopped; finished ones are in bench/fidelity/measured',
    'runs/fidelity',
  )
  .option('--data-dir <folder>', 'folder to look for CIFAR-10 in first')
  .option('--python <command>', 'a Python with torch, numpy and scipy', '/usr/bin/python3')
  .option('--threads <n>', 'threads of PyTorch', whole(1), 1)
  .option('--page-only', 'train nothing; write the page of what is there', false)
  .action(async (options: Options) => {
    if (!options.pageOnly) {
      const data = writeData(options.into, await loadDataset('cifar10', { dataDir: options.dataDir }));
      const own = async () => {
        for (const study of STUDIES) await trainOwn(study, options);
      };
      const theirs = async () => {
        for (const study of STUDIES) await trainTorch(study, data, options);
      };
      await Promise.all([own(), theirs()]);
    }
    await writePage(options);
  });

await program.parseAsync().catch((error: Error) => {
  console.error(`bench:fidelity: ${error.message}`);
  process.exitCode = 1;
});
