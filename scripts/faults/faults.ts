import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { whole } from '../../src/lab/cli/option_values.ts';
import { formatTable } from '../../src/lab/terminal/text_table.ts';
import { Philox } from '../../src/runtime/philox.ts';
import { downloadVictim, VICTIMS, type Victim } from './victims.ts';

const INJECT = new URL('inject.mjs', import.meta.url).href;
/** A command that failed must be gone by then, in milliseconds. */
const GONE_WITHIN = 1000;

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
  seconds: number;
}

/** Runs a command; kill: milliseconds after which it is killed. */
function run(args: readonly string[], env: NodeJS.ProcessEnv, kill?: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const timer = kill === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), kill);
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stderr, seconds: (performance.now() - started) / 1000 });
    });
  });
}

interface Row {
  work: string;
  fault: string;
  tried: number;
  held: number;
}

const faults: string[] = [];
const rows: Row[] = [];

/** The sentence in which a command ended. @throws where there is none, or a stack. */
function sentenceOf({ stderr }: Ended): string {
  const lines = stderr.split('\n').filter((line) => line.startsWith('wgrad: '));
  if (lines.length !== 1) throw new Error(`${lines.length} sentences: ${stderr.slice(-300)}`);
  if (/^\s+at /m.test(stderr)) throw new Error(`a stack: ${stderr.slice(-300)}`);
  return lines[0];
}

/** A place for one attempt, with caches that all attempts share. */
class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'wgrad-faults-'));
  #attempts = 0;
  readonly env = { XDG_CACHE_HOME: join(this.folder, 'cache') };

  fresh(): string {
    const folder = join(this.folder, `${++this.#attempts}`);
    mkdirSync(folder);
    return folder;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a victim leaves undisturbed, and how long it takes. The second run: the first compiles kernels. */
async function undisturbed(victim: Victim, bench: Bench): Promise<{ result: string; seconds: number }> {
  let ended: Ended | undefined;
  let folder = '';
  for (let i = 0; i < 2; i++) {
    folder = bench.fresh();
    ended = await run(victim.args(folder), bench.env);
    if (ended.code !== 0) throw new Error(`${victim.name} fails by itself: ${ended.stderr.slice(-300)}`);
  }
  return { result: victim.result(folder), seconds: ended!.seconds };
}

/** Goes on until it is done, and compares. */
async function finish(victim: Victim, folder: string, bench: Bench, expected: string): Promise<void> {
  const { code, stderr } = await run(victim.args(folder), bench.env);
  if (code !== 0) throw new Error(`going on ended with ${code}: ${stderr.slice(-300)}`);
  if (victim.result(folder) !== expected) throw new Error('the results are others');
}

/** Kills a victim again and again at random moments until so many kills have met it; whenever it is done, the results are compared. */
async function kills(victim: Victim, count: number, bench: Bench, random: Philox): Promise<void> {
  const { result, seconds } = await undisturbed(victim, bench);
  const row: Row = { work: victim.name, fault: 'killed', tried: 0, held: 0 };
  rows.push(row);
  let folder = bench.fresh();
  let own = 0;
  const compare = async () => {
    try {
      await finish(victim, folder, bench, result);
      row.held += own;
    } catch (error) {
      faults.push(`${victim.name}, killed ${own} times: ${(error as Error).message}`);
    }
    folder = bench.fresh();
    own = 0;
  };
  while (row.tried < count) {
    const { signal, code, stderr } = await run(victim.args(folder), bench.env, 1000 * seconds * random.uniform());
    if (signal === 'SIGKILL') {
      row.tried++;
      own++;
      console.error(`${victim.name}: ${row.tried} kills`);
    } else if (code !== 0) {
      faults.push(`${victim.name}, after a kill: ${stderr.slice(-300)}`);
      folder = bench.fresh();
      own = 0;
    }
    // Five kills at most before it may come to its end.
    if (own > 0 && (signal !== 'SIGKILL' || own === 5)) await compare();
  }
  if (own > 0) await compare();
}

const spread = (count: number, places: number) => {
  const many = Math.min(count, places);
  return Array.from({ length: many }, (_, i) => (many === 1 ? 0 : Math.round((i * (count - 1)) / (many - 1))));
};

/** Has a write or dispatch of a victim fail, for many of them: one sentence, the exit code, gone at once, and after it the same results. */
async function injected(victim: Victim, kind: 'disk' | 'device', places: number, bench: Bench): Promise<void> {
  const { result } = await undisturbed(victim, bench);
  const report = join(bench.folder, 'report.json');
  const attempt = async (fault: string) => {
    const folder = bench.fresh();
    const about = { WGRAD_FAULT: fault, WGRAD_FAULT_UNDER: bench.folder, WGRAD_FAULT_REPORT: report };
    rmSync(report, { force: true });
    const ended = await run(['--import', INJECT, ...victim.args(folder)], { ...bench.env, ...about });
    const counts = JSON.parse(readFileSync(report, 'utf8')) as {
      writes: number;
      dispatches: number;
      sinceFault: number | null;
    };
    return { folder, ended, ...counts };
  };
  const { writes, dispatches } = await attempt('none:0');
  const row: Row = { work: victim.name, fault: kind === 'disk' ? 'full disk' : 'lost device', tried: 0, held: 0 };
  rows.push(row);
  for (const at of spread(kind === 'disk' ? writes : dispatches, places)) {
    row.tried++;
    console.error(`${victim.name}: ${row.fault} at ${at}`);
    const where = `${victim.name}, ${row.fault} at ${at}`;
    try {
      const { folder, ended, sinceFault } = await attempt(`${kind}:${at}`);
      const sentence = sentenceOf(ended);
      if (ended.code !== (kind === 'disk' ? 2 : 1)) throw new Error(`exit code ${ended.code}: ${sentence}`);
      if (!(kind === 'disk' ? /The disk is full/ : /The GPU device was lost/).test(sentence)) throw new Error(sentence);
      const begun = existsSync(join(folder, 'run', 'results.json'));
      if (begun && !sentence.includes('go on from the last checkpoint with: npx wgrad')) throw new Error(sentence);
      if (sinceFault === null || sinceFault > GONE_WITHIN) throw new Error(`gone after ${sinceFault} ms`);
      await finish(victim, folder, bench, result);
      row.held++;
    } catch (error) {
      faults.push(`${where}: ${(error as Error).message}`);
    }
  }
}

const program = new Command('npm run test:faults --')
  .description(
    'kills work at random moments, fills the disk at its writes and takes its device away: all of it must go on to the same results',
  )
  .option(
    '--kills <n>',
    'kills of each work: training, sweep, two labs (one with a pretraining) and download',
    whole(0),
    10,
  )
  .option('--writes <n>', 'writes of a training at which the disk is full, spread over all', whole(0), 1000)
  .option('--dispatches <n>', 'dispatches of a training before which the device is lost, spread over all', whole(0), 20)
  .option('--seed <n>', 'of the random moments', whole(0), 1)
  .action(async ({ kills: count, writes, dispatches, seed }) => {
    const bench = new Bench();
    try {
      const [train] = VICTIMS;
      if (writes > 0) await injected(train, 'disk', writes, bench);
      if (dispatches > 0) await injected(train, 'device', dispatches, bench);
      const random = new Philox(seed);
      const { victim: download, close } = await downloadVictim(bench.fresh());
      for (const victim of count > 0 ? [...VICTIMS, download] : []) await kills(victim, count, bench, random);
      close();
    } finally {
      bench.remove();
    }
    console.log(
      formatTable(
        ['work', 'fault', 'tried', 'held'],
        rows.map((row) => [row.work, row.fault, row.tried, row.held]),
      ),
    );
    for (const fault of faults) console.log(fault);
    process.exitCode = faults.length > 0 ? 1 : 0;
  });
await program.parseAsync();
