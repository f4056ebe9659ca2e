import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type ImageDataset, longTailCounts } from '../../src/data/index.ts';
import { loadDataset } from '../../src/data/node.ts';
import { whole } from '../../src/lab/cli/option_values.ts';
import { trainingCurveGroups } from '../../src/lab/plots/index.ts';
import { readSweep, sweepTrainings } from '../../src/lab/sweep/sweep_file.ts';
import { checkSweep, collectSweep } from '../../src/lab/sweep/sweep_results.ts';
import { recallByThird } from '../../src/metrics/class_thirds.ts';
import {
  type Both,
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
const STUDIES = ['losses', 'resnet20'] as const;
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

/** The study by `wgrad sweep`, which goes on where it was stopped. */
function sweep(study: string, { into, dataDir }: Options): Promise<string> {
  const main = here('../../src/lab/cli/main.ts');
  const data = dataDir === undefined ? [] : ['--data-dir', dataDir];
  const args = ['--import', 'tsx', main, 'sweep', here(`${study}.yaml`), '--into', join(into, study), ...data];
  return answerOf(process.execPath, args, '');
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

/** What torch_training.py answers. */
interface TorchResults {
  parameters: number;
  history: { loss: number; accuracy: number }[];
  accuracy: number;
  recall: number[];
  torch: string;
}

const torchFile = (into: string, study: string, name: string) => join(into, 'torch', study, `${name}.json`);

function torchResults(into: string, study: string, name: string): TorchResults | undefined {
  const file = torchFile(into, study, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** The trainings of a study by PyTorch, those that are not there yet. */
async function trainTorch(study: string, data: string, { into, python, threads }: Options): Promise<void> {
  const content = await readSweep(here(`${study}.yaml`));
  const counts = longTailCounts(10, content.maxPerClass ?? LARGEST_CLASS, content.imbalance ?? 1);
  for (const { name, recipe } of sweepTrainings(content)) {
    if (torchResults(into, study, name)) continue;
    console.error(`PyTorch: ${name}`);
    const request = { recipe, data, counts, testPerClass: content.testPerClass ?? null, threads };
    const answer = await answerOf(python, [here('torch_training.py')], JSON.stringify(request));
    const file = torchFile(into, study, name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(`${file}.part`, answer);
    renameSync(`${file}.part`, file);
  }
}

/** Trainings that both sides have made, by what they have in common: the seeds of each are a sample. */
async function collect({ into }: Options): Promise<{ conditions: Condition[]; planned: number; torch: string }> {
  const conditions = new Map<string, Condition>();
  let [planned, torch] = [0, ''];
  for (const study of STUDIES) {
    const content = await readSweep(here(`${study}.yaml`));
    const trainings = sweepTrainings(content);
    planned += trainings.length;
    if (!existsSync(join(into, study))) continue;
    await checkSweep(join(into, study), content);
    const { trainings: done } = await collectSweep(join(into, study), content);
    const counts = longTailCounts(10, content.maxPerClass ?? LARGEST_CLASS, content.imbalance ?? 1);
    for (const { name, recipe } of trainings) {
      const theirs = torchResults(into, study, name);
      const own = done[name];
      if (theirs === undefined || own === undefined) continue;
      if (theirs.parameters !== own.parameters) {
        throw new Error(
          `${name} has ${own.parameters} parameters here, and ${theirs.parameters} in PyTorch: not the same network.`,
        );
      }
      torch = theirs.torch;
      const scores = (
        history: TorchResults['history'],
        accuracy: number,
        recall: readonly number[],
      ): TrainingScores => ({
        losses: history.map(({ loss }) => loss),
        trainingAccuracy: history.map((epoch) => epoch.accuracy),
        accuracy,
        recall: recallByThird({ perClass: recall.map((value) => ({ recall: value })) as never }, counts),
      });
      const both: Both<TrainingScores> = {
        wgrad: scores(
          own.history,
          own.test.accuracy,
          own.test.perClass.map(({ recall }) => recall),
        ),
        torch: scores(theirs.history, theirs.accuracy, theirs.recall),
      };
      const title = `${recipe.model}, ${recipe.loss}`;
      const condition = conditions.get(title) ?? { title, study, seeds: [] };
      condition.seeds.push(both);
      conditions.set(title, condition);
    }
  }
  return { conditions: [...conditions.values()], planned, torch };
}

/** docs/fidelity.md and its figure, of what is done so far. */
async function writePage(options: Options): Promise<void> {
  const { conditions, planned, torch } = await collect(options);
  if (conditions.length === 0) throw new Error('There is no training yet that both sides have made.');
  // A deviation needs two seeds.
  const compared = conditions.filter(({ seeds }) => seeds.length > 1);
  const tests = JSON.parse(
    await answerOf(options.python, [here('welch.py')], JSON.stringify(samplesOf(compared))),
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
    fidelityPage({ conditions: compared, tests, date: new Date().toISOString().slice(0, 10), done, planned, torch }),
  );
  console.log(`docs/fidelity.md: ${done} of ${planned} pairs of trainings.`);
}

const program = new Command('npm run bench:fidelity --')
  .description(
    'trains the same networks in wgrad and in PyTorch, and writes docs/fidelity.md; goes on where it was stopped',
  )
  .option('--into <folder>', 'where the trainings are kept', 'runs/fidelity')
  .option('--data-dir <folder>', 'folder to look for CIFAR-10 in first')
  .option('--python <command>', 'a Python with torch, numpy and scipy', '/usr/bin/python3')
  .option('--threads <n>', 'threads of PyTorch', whole(1), 1)
  .option('--page-only', 'train nothing; write the page of what is there', false)
  .action(async (options: Options) => {
    if (!options.pageOnly) {
      const data = writeData(options.into, await loadDataset('cifar10', { dataDir: options.dataDir }));
      const own = async () => {
        for (const study of STUDIES) await sweep(study, options);
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
