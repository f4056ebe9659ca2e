// Images a second that 1, 2 and 4 processes train in sum on one machine, taking turns in one run: `npm run bench:at-once`.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { networkTraining } from '../src/inspect/benchmark/network_training.ts';
import { whole } from '../src/lab/cli/option_values.ts';
import { formatTable } from '../src/lab/terminal/text_table.ts';
import { ownProgram } from '../src/node/own_program.ts';
import { openDevice } from '../src/node.ts';
import { median } from '../src/runtime/timing.ts';

const COUNTS = [1, 2, 4] as const;
const BATCH = 64;
const WIDTH = 1 / 8;

/** A process that trains CustomCNN from `go` on, for so many seconds, and prints how many images a second it came to. */
async function train(): Promise<void> {
  const gpu = await openDevice();
  await gpu.scope(async () => {
    const { step } = networkTraining(gpu, BATCH, WIDTH);
    const one = async () => {
      gpu.scope(step);
      await gpu.finish();
    };
    for (let i = 0; i < 10; i++) await one();
    for await (const line of createInterface({ input: process.stdin })) {
      if (line === 'end') break;
      const milliseconds = Number(line) * 1000;
      const start = performance.now();
      let images = 0;
      while (performance.now() - start < milliseconds) {
        await one();
        images += BATCH;
      }
      console.log(images / ((performance.now() - start) / 1000));
    }
  });
  gpu.close();
}

/** A process of `train`, which answers a number of seconds with images a second. */
class Trainer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    this.#child = spawn(process.execPath, [...ownProgram('./at_once', import.meta.url), 'train'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async imagesPerSecond(seconds: number): Promise<number> {
    this.#child.stdin?.write(`${seconds}\n`);
    return Number((await this.#lines.next()).value);
  }

  end(): void {
    this.#child.stdin?.end('end\n');
  }
}

async function compare({ rounds, seconds }: { rounds: number; seconds: number }): Promise<void> {
  const trainers = Array.from({ length: Math.max(...COUNTS) }, () => new Trainer());
  // Until each has compiled its kernels.
  await Promise.all(trainers.map((trainer) => trainer.imagesPerSecond(1)));
  const totals = new Map<number, number[]>(COUNTS.map((count) => [count, []]));
  for (let round = 0; round < rounds; round++) {
    for (const count of COUNTS) {
      const each = await Promise.all(trainers.slice(0, count).map((trainer) => trainer.imagesPerSecond(seconds)));
      totals.get(count)?.push(each.reduce((sum, one) => sum + one, 0));
    }
  }
  for (const trainer of trainers) trainer.end();
  const alone = totals.get(1) ?? [];
  console.log(
    `CustomCNN, width 1/8, batch ${BATCH}; ${rounds} rounds of ${seconds} s, medians; ratios within a round.`,
  );
  console.log(
    formatTable(
      ['at once', 'images/s in sum', 'beside one alone', 'from', 'to'],
      [...totals].map(([count, all]) => {
        const ratios = all.map((total, round) => total / alone[round]);
        const said = [median(ratios), Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
        return [count, median(all).toFixed(0), ...said];
      }),
    ),
  );
}

if (process.argv[2] === 'train') await train();
else {
  await new Command('bench:at-once')
    .description('images a second that 1, 2 and 4 processes train in sum')
    .option('--rounds <n>', 'how often each is measured, in turn', whole(1), 5)
    .option('--seconds <n>', 'of each measurement', whole(1), 5)
    .action(compare)
    .parseAsync();
}
