// Steps of the networks in an earlier version of the engine and in this one, taking turns in one run: `npm run bench:before -- --commit 88b82a5`.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { whole } from '../src/lab/cli/option_values.ts';
import { formatTable } from '../src/lab/terminal/text_table.ts';
import { ownProgram } from '../src/node/own_program.ts';
import { median } from '../src/runtime/timing.ts';
import { PeerProcess } from './peers/peer_process.ts';
import type { StepTimes, StepWork } from './step_process.ts';

/** Networks at which the dispatches count, and at full size. */
const WORK: readonly StepWork[] = [
  { net: 'custom-cnn', width: 1 / 8, batch: 16, step: 'training' },
  { net: 'custom-cnn', width: 1 / 8, batch: 16, step: 'evaluation' },
  { net: 'resnet18', width: 1 / 8, batch: 16, step: 'training' },
  { net: 'resnet18', width: 1 / 8, batch: 16, step: 'evaluation' },
  { net: 'efficientnet-b0', width: 1 / 4, batch: 32, step: 'training' },
  { net: 'efficientnet-b0', width: 1 / 4, batch: 32, step: 'evaluation' },
  { net: 'custom-cnn', width: 1, batch: 32, step: 'training' },
  { net: 'resnet18', width: 1, batch: 32, step: 'training' },
  { net: 'efficientnet-b0', width: 1, batch: 32, step: 'training' },
];

interface Options {
  commit: string;
  rounds: number;
  seconds: number;
  only: string[];
}

/** A turn of a version: its steps' times, by as many steps as take about so long. */
async function turn(process: PeerProcess, steps: number): Promise<{ ms: number; cpuMs: number }> {
  const { ms, cpuMs } = await process.ask<StepTimes>({ run: steps });
  return { ms: ms / steps, cpuMs: cpuMs / steps };
}

/** The row of the table: medians of the rounds, and the ratios within a round. */
async function measure(work: StepWork, versions: readonly PeerProcess[], { rounds, seconds }: Options) {
  const warm: StepTimes[] = [];
  for (const version of versions) {
    await version.ask<StepTimes>({ prepare: work });
    warm.push(await version.ask<StepTimes>({ run: 4 }));
  }
  const steps = Math.max(2, Math.round((seconds * 1000 * 4) / warm[0].ms));
  const times: { ms: number; cpuMs: number }[][] = versions.map(() => []);
  for (let round = 0; round < rounds; round++) {
    // Who begins changes, so that neither always follows the other.
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    for (const which of order) times[which].push(await turn(versions[which], steps));
  }
  const ratios = (of: 'ms' | 'cpuMs') => times[0].map((before, round) => before[of] / times[1][round][of]);
  const name = `${work.net} width ${work.width}, batch ${work.batch}, ${work.step}`;
  const wall = ratios('ms');
  const figures = [median(wall), Math.min(...wall), Math.max(...wall), median(ratios('cpuMs'))];
  const ms = times.map((all) => median(all.map((one) => one.ms)).toFixed(1));
  return { adapter: warm[1].adapter, row: [name, ...ms, ...figures.map((figure) => figure.toFixed(2))] };
}

async function compare(options: Options): Promise<void> {
  const here = fileURLToPath(new URL('..', import.meta.url));
  const before = mkdtempSync(join(tmpdir(), 'wgrad-before-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', here, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  git('worktree', 'add', '--detach', before, options.commit);
  try {
    if (!existsSync(join(before, 'node_modules')))
      symlinkSync(join(here, 'node_modules'), join(before, 'node_modules'));
    const chosen = WORK.filter(({ net, width, batch, step }) => {
      const name = `${net} width ${width}, batch ${batch}, ${step}`;
      return options.only.length === 0 || options.only.some((text) => name.includes(text));
    });
    const versions = [before, here].map(
      (root) => new PeerProcess(process.execPath, [...ownProgram('./step_process', import.meta.url), 'step', root]),
    );
    const rows: string[][] = [];
    let adapter = '';
    for (const work of chosen) {
      const measured = await measure(work, versions, options);
      adapter = measured.adapter;
      rows.push(measured.row);
      console.error(measured.row.join('  '));
    }
    for (const version of versions) version.close();
    console.log(
      `${adapter}; ${options.rounds} rounds of about ${options.seconds} s; medians; before ÷ after within a round.`,
    );
    console.log(
      formatTable(
        ['step', `ms at ${options.commit}`, 'ms now', 'before ÷ after', 'from', 'to', 'processor time'],
        rows,
      ),
    );
  } finally {
    rmSync(before, { recursive: true, force: true });
    git('worktree', 'prune');
  }
}

await new Command('bench:before')
  .description('steps of the networks in an earlier version of the engine and in this one, taking turns')
  .requiredOption('--commit <name>', 'the earlier version')
  .option('--rounds <n>', 'how often each is measured, in turn', whole(1), 9)
  .option('--seconds <n>', 'of each measurement', whole(1), 2)
  .option(
    '--only <texts>',
    'networks whose line holds one of these texts, with ; between',
    (text) => text.split(';'),
    [],
  )
  .action(compare)
  .parseAsync();
