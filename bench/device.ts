// One command for a GPU that is at hand for minutes: is it right, what is fastest on it, how fast is it, the most valuable first: `npm run bench:device -- --minutes 10 --into FOLDER`.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { whole } from '../src/lab/cli/option_values.ts';
import { formatDuration } from '../src/lab/terminal/progress.ts';
import { type DeviceStep, deviceReport, deviceSteps, type StepOutcome, timeFor } from './device_steps.ts';

interface Options {
  into: string;
  minutes: number;
  adapter: string;
  only: string[];
  dataDir?: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a step for its time at most; its output goes into a file. A step that is out of time is asked to end, and after ten seconds made to. */
function runStep(step: DeviceStep, seconds: number, file: string): Promise<StepOutcome> {
  const began = performance.now();
  const output = createWriteStream(file);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), ...step.args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env },
    });
    child.stdout.pipe(output, { end: false });
    child.stderr.on('data', (text: Buffer) => process.stderr.write(text));
    let late = false;
    const timers = [
      setTimeout(() => {
        late = true;
        child.kill('SIGTERM');
      }, seconds * 1000),
      setTimeout(() => child.kill('SIGKILL'), (seconds + 10) * 1000),
    ];
    child.on('close', (code) => {
      for (const timer of timers) clearTimeout(timer);
      const end = late ? ('out of time' as const) : (code ?? 1);
      output.end(() => resolve({ step, end, seconds: (performance.now() - began) / 1000 }));
    });
  });
}

async function main({ into, minutes, adapter, only, dataDir }: Options): Promise<void> {
  mkdirSync(into, { recursive: true });
  const deadline = performance.now() + minutes * 60_000;
  const steps = deviceSteps({ into, adapter, dataDir }).filter(
    ({ name }) => only.length === 0 || only.some((text) => name.includes(text)),
  );
  const outcomes: StepOutcome[] = [];
  for (const step of steps) {
    const seconds = timeFor(step, (deadline - performance.now()) / 1000);
    const file = join(into, `${step.name}.txt`);
    if (seconds === undefined) outcomes.push({ step, end: 'no time left', seconds: 0 });
    else {
      console.error(`${step.name}: ${step.what}, at most ${formatDuration(seconds)}`);
      outcomes.push(await runStep(step, seconds, file));
    }
    // After each step, so that what was measured is there whatever becomes of the next.
    const outputs = outcomes.map(({ step: { name }, end }) =>
      end === 'no time left' ? '' : readFileSync(join(into, `${name}.txt`), 'utf8'),
    );
    writeFileSync(join(into, 'device.md'), deviceReport(outcomes, outputs, new Date().toISOString().slice(0, 10)));
  }
  console.log(
    `${join(into, 'device.md')}: ${outcomes.filter(({ end }) => end === 0).length} of ${steps.length} steps.`,
  );
  if (outcomes.some(({ end, step }) => end !== 0 && !(step.mayStop && end === 75))) process.exitCode = 1;
}

await new Command('bench:device')
  .description('checks, tunes and measures an adapter within some minutes, the most valuable first')
  .option('--into <folder>', 'where device.md and the output of each step go', 'runs/device')
  .option('--minutes <n>', 'time for all of it', whole(1), 10)
  .option('--adapter <text>', "hardware, software, or a part of an adapter's name", 'hardware')
  .option('--data-dir <folder>', 'folder to look for CIFAR-10 in first')
  .option('--only <names>', 'steps whose names hold one of these texts, with commas between', (t) => t.split(','), [])
  .action(main)
  .parseAsync();
