import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ADAPTER_INDEX } from '../../node/adapter_list.ts';
import { ownProgram } from '../../node/own_program.ts';
import { DONE, FAILED, STOPPED } from '../run/exit_codes.ts';
import { Progress } from '../terminal/progress.ts';

/** A command of wgrad's that runs as a process of its own. */
export interface Job {
  name: string;
  /** Of the command line. */
  args: readonly string[];
}

export interface JobsOptions {
  /** What the jobs are together, for the line of their progress. */
  title: string;
  /** How many run at a time. */
  atOnce: number;
  /** Indices of the adapters that they take in turn; empty: what a command takes where nothing is said. */
  adapters: readonly number[];
  /** Aborted: the jobs save and stop. */
  signal: AbortSignal;
  /** Arguments of Node.js that run wgrad. Default: this program. For tests. */
  program?: readonly string[];
}

/** A job under way. */
interface Running {
  job: Job;
  child: ChildProcess;
  adapter: number | undefined;
  /** Of its work, by what it said last. */
  share: number;
  phrase: string;
}

/** A line of progress where there is no terminal: title, percent, and what else there is to say; see `Progress`. */
const PROGRESS_LINE = /^.*?: (\d+) % {2}(.*)$/;

/**
 * Runs commands as processes, so many at a time, with their progress in one line. Where the signal is aborted, they are told by SIGTERM and waited for.
 * One that fails leaves the others to go on; one that cannot be done at all, or whose folder is taken, lets those that run end and begins no other.
 *
 * @returns the exit code: 0 when all are done, 1 where one failed, 130 where they were stopped, else that of the one that cannot be done
 */
export async function runJobs(jobs: readonly Job[], options: JobsOptions): Promise<number> {
  const { title, atOnce, adapters, signal, program = ownProgram('../cli/main', import.meta.url) } = options;
  const waiting = [...jobs];
  const running = new Set<Running>();
  const codes: number[] = [];
  const progress = new Progress(title, jobs.length);
  const show = () => {
    const done = [...running].reduce((sum, { share }) => sum + share, codes.length);
    progress.update(done, [`${codes.length} of ${jobs.length} done`, ...[...running].map(({ phrase }) => phrase)]);
  };
  /** The adapter that the fewest jobs run on. */
  const freest = () => {
    const load = (index: number) => [...running].filter(({ adapter }) => adapter === index).length;
    return [...adapters].sort((a, b) => load(a) - load(b)).at(0);
  };
  const start = (job: Job) =>
    new Promise<void>((resolve) => {
      const adapter = freest();
      const env = { ...process.env, ...(adapter !== undefined && { [ADAPTER_INDEX]: `${adapter}` }) };
      const child = spawn(process.execPath, [...program, ...job.args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
      const one: Running = { job, child, adapter, share: 0, phrase: `${job.name} begins` };
      running.add(one);
      createInterface({ input: child.stderr }).on('line', (line) => {
        const [, percent, phrase] = PROGRESS_LINE.exec(line) ?? [];
        if (percent !== undefined) {
          // What comes after the training, such as the test, counts its own percents.
          one.share = Math.max(one.share, Math.min(0.99, Number(percent) / 100));
          one.phrase = `${job.name}: ${percent} % ${phrase.split('  ')[0]}`;
          show();
        } else if (line.startsWith('wgrad: ')) {
          progress.stop();
          console.error(`${job.name}: ${line.slice('wgrad: '.length)}`);
        }
      });
      child.on('error', () => resolve());
      child.on('close', (code) => {
        running.delete(one);
        // Without a code it was killed, or never began.
        codes.push(code ?? FAILED);
        show();
        resolve();
      });
    });
  const stop = () => {
    for (const { child } of running) child.kill('SIGTERM');
  };
  const end = () => {
    for (const { child } of running) child.kill('SIGKILL');
  };
  const lastCode = () => codes.find((code) => code !== DONE && code !== FAILED);
  const work = async () => {
    while (!signal.aborted && lastCode() === undefined) {
      const job = waiting.shift();
      if (job === undefined) return;
      await start(job);
    }
  };
  signal.addEventListener('abort', stop);
  process.on('exit', end);
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, work));
  } finally {
    signal.removeEventListener('abort', stop);
    process.off('exit', end);
    progress.stop();
  }
  if (signal.aborted) return STOPPED;
  return lastCode() ?? (codes.includes(FAILED) ? FAILED : DONE);
}
