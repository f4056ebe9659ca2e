// Long work in one process: whether the memory stays. `npm run test:soak -- --help`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { residentMB, settle, trainOnOwnDevice } from '../bench/resident_memory.ts';
import { networkTraining } from '../src/inspect/benchmark/network_training.ts';
import { whole } from '../src/lab/cli/option_values.ts';
import { runLab } from '../src/lab/commands/lab.ts';
import { formatTable } from '../src/lab/terminal/text_table.ts';
import { openDevice } from '../src/node.ts';

/** Looks at the memory of one kind of work; the first tenth of it, in which caches fill, is left out. */
const LOOKS = 20;
/** Resident memory may grow by this share of what it was and by so many megabytes, which garbage comes and goes by. */
const GROWTH = 0.1;
const NOISE_MB = 30;

interface Look {
  done: number;
  resident: number;
  /** Bytes in use on the device; undefined where there is no device between two looks. */
  live?: number;
}

const rows: (string | number)[][] = [];
const faults: string[] = [];

/** Judges what was seen of a kind of work, and keeps it for the table. */
function judge(work: string, looks: readonly Look[]): void {
  const kept = looks.slice(Math.ceil(looks.length / 10));
  const [first] = kept;
  const last = kept[kept.length - 1];
  if (first === undefined || kept.length < 2) {
    faults.push(`${work}: too little was done to say anything.`);
    return;
  }
  const resident = kept.map((look) => look.resident);
  const live = new Set(kept.map((look) => look.live));
  rows.push([
    ...[work, last.done, first.resident.toFixed(0), last.resident.toFixed(0), Math.max(...resident).toFixed(0)],
    [...live].map((bytes) => (bytes === undefined ? '–' : bytes)).join(', '),
  ]);
  if (live.size > 1) faults.push(`${work}: the bytes in use on the device changed.`);
  if (last.resident > first.resident * (1 + GROWTH) + NOISE_MB) faults.push(`${work}: resident memory grew.`);
}

/** Does something so many times and looks at the memory now and then. */
async function watched(work: string, count: number, once: () => Promise<void>, live?: () => number): Promise<void> {
  if (count === 0) return;
  const every = Math.max(1, Math.round(count / LOOKS));
  const looks: Look[] = [];
  for (let done = 1; done <= count; done++) {
    await once();
    if (done % every > 0 && done < count) continue;
    await settle();
    const look = { done, resident: residentMB(), live: live?.() };
    looks.push(look);
    console.error(`${work}: ${done} of ${count}, ${look.resident.toFixed(0)} MB`);
  }
  judge(work, looks);
}

async function steps(count: number): Promise<void> {
  const gpu = await openDevice();
  try {
    await gpu.scope(async () => {
      const { step } = networkTraining(gpu, 4, 1 / 16);
      const once = async () => {
        gpu.scope(step);
        await gpu.finish();
      };
      await watched('training steps', count, once, () => gpu.memory.liveBytes);
    });
  } finally {
    gpu.close();
  }
}

/** Smoke runs of the lab in one process, one after the other, for so many minutes. */
async function labs(minutes: number): Promise<void> {
  const until = performance.now() + 60_000 * minutes;
  const looks: Look[] = [];
  const { log } = console;
  while (performance.now() < until) {
    const out = mkdtempSync(join(tmpdir(), 'wgrad-soak-'));
    console.log = () => {};
    try {
      const code = await runLab({ preset: 'smoke', data: 'mnist', out });
      if (code !== 0) faults.push(`A smoke run of the lab ended with ${code}.`);
    } finally {
      console.log = log;
      rmSync(out, { recursive: true });
    }
    await settle();
    looks.push({ done: looks.length + 1, resident: residentMB() });
    console.error(`labs: ${looks.length}, ${looks[looks.length - 1].resident.toFixed(0)} MB`);
  }
  if (looks.length > 0) judge('smoke runs of the lab', looks);
}

const program = new Command('npm run test:soak --')
  .description('does much for long in one process, and looks at the memory')
  .option('--steps <n>', 'training steps', whole(0), 20_000)
  .option('--devices <n>', 'devices opened, trained on and closed', whole(0), 200)
  .option('--minutes <n>', 'of smoke runs of the lab', whole(0), 60)
  .action(async (options: { steps: number; devices: number; minutes: number }) => {
    await steps(options.steps);
    await watched('devices', options.devices, trainOnOwnDevice);
    await labs(options.minutes);
    console.log(formatTable(['work', 'done', 'MB at first', 'MB at last', 'most MB', 'bytes on the device'], rows));
    for (const fault of faults) console.log(fault);
    process.exitCode = faults.length > 0 ? 1 : 0;
  });
await program.parseAsync();
