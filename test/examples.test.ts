import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { runProgram } from './run_program.ts';

const examples = new URL('../examples/', import.meta.url);
const linesOf = (file: string) => readFileSync(new URL(file, examples), 'utf8').trimEnd().split('\n').length;

/** Runs an example and returns what it prints. */
function run(file: string, ...args: string[]): string {
  const { status, stdout, stderr } = runProgram([`examples/${file}`, ...args]);
  // Progress goes to stderr.
  expect([status, stderr.replace(/^.*( epoch \d| test: ).*\n/gm, '')]).toEqual([0, '']);
  return stdout;
}

/** What each example prints, or leaves, at a size that a test can wait for. */
const EXAMPLES: Readonly<Record<string, () => void>> = {
  'gradient_by_hand.ts'() {
    const rows = [...run('gradient_by_hand.ts').matchAll(/^dL\/d\S+ +(\S+) +(\S+)$/gm)];
    expect(rows).toHaveLength(4);
    for (const [, byHand, byTape] of rows) expect(Number(byTape)).toBeCloseTo(Number(byHand), 6);
  },
  'convolution_by_hand.ts'() {
    const output = run('convolution_by_hand.ts');
    expect(output).toContain('Y is [2,5,4,4]');
    // 27 products of numbers below ½: √27 · 6e-8 · ¼, with room.
    expect(Number(/float32: (\S+)/.exec(output)?.[1])).toBeLessThan(5e-7);
  },
  'mnist.ts'() {
    expect(linesOf('mnist.ts')).toBeLessThanOrEqual(60);
    expect(Number(/^Test accuracy: (\S+) % of 2000 images\.$/m.exec(run('mnist.ts', '1'))?.[1])).toBeGreaterThan(90);
  },
  'cifar10_loop.ts'() {
    const here = process.env.WGRAD_DATA && existsSync(join(process.env.WGRAD_DATA, 'cifar-10-batches-bin'));
    if (!here) console.warn('The loop runs on MNIST, not CIFAR-10: WGRAD_DATA names no folder with it.');
    const output = run('cifar10_loop.ts', here ? 'cifar10' : 'mnist', '100');
    const steps = [...output.matchAll(/^step (\d+) of 100: loss (\S+), learning rate (\S+)$/gm)];
    expect(steps.map(([, step]) => Number(step))).toEqual([50, 100]);
    expect(steps[1][3]).toBe('0.00000');
    // By guessing: 10 %.
    expect(Number(/^Test accuracy: (\S+) % of 500 images of /m.exec(output)?.[1])).toBeGreaterThan(15);
  },
  'own_kernel.ts'() {
    const output = run('own_kernel.ts');
    // Exponentials and logarithms of numbers below 4, a few units in the last place each.
    expect(Number(/float64: (\S+)/.exec(output)?.[1])).toBeLessThan(2e-6);
    expect(output).toContain('agrees with central differences in 35 elements.');
    const [first, last] = [...output.matchAll(/^step \d+: loss (\S+)$/gm)].map(([, loss]) => Number(loss));
    expect(last).toBeLessThan(first / 2);
  },
  'digits_folder.ts'() {
    const folder = mkdtempSync(join(tmpdir(), 'wgrad-example-'));
    try {
      const lines = run('digits_folder.ts', folder, '40').trimEnd().split('\n');
      expect(lines.map((line) => line.replace(folder, ''))).toEqual(
        ['/one: 40', '/two: 20', '/three: 10', '/five: 4', '/eight: 2'].map((line) => `${line} images`),
      );
      for (const name of ['one', 'eight']) {
        const { width, height, data } = PNG.sync.read(readFileSync(join(folder, name, '0.png')));
        expect([width, height]).toEqual([28, 28]);
        // White on black, a digit covers about a fifth.
        const bright = Array.from({ length: 784 }, (_, i) => data[4 * i]).filter((value) => value > 100).length;
        expect(bright).toBeGreaterThan(20);
        expect(bright).toBeLessThan(300);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  'own_experiment.ts'() {
    expect(linesOf('own_experiment.ts')).toBeLessThan(40);
    const folder = mkdtempSync(join(tmpdir(), 'wgrad-example-'));
    try {
      run('own_experiment.ts', folder, '1');
      const [made] = readdirSync(folder);
      const { experiments, trainings } = JSON.parse(readFileSync(join(folder, made, 'results.json'), 'utf8'));
      expect(experiments.losses.status).toBe('done');
      expect(Object.keys(experiments.losses.results)).toEqual(['cross-entropy', 'focal', 'Poly-1']);
      expect(Object.keys(trainings)).toHaveLength(9);
      const kinds = experiments.losses.section.map(({ kind }: { kind: string }) => kind);
      for (const kind of ['table', 'figure', 'finding']) expect(kinds).toContain(kind);
      expect(readdirSync(join(folder, made, 'figures')).sort()).toEqual(['losses_losses.png', 'losses_losses.svg']);
      expect(readFileSync(join(folder, made, 'report.html'), 'utf8')).toContain('Does Poly-1 help on the long tail?');
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

describe('examples', () => {
  it('are all run here', () => {
    const programs = readdirSync(examples).filter((file) => file.endsWith('.ts'));
    expect(programs.sort()).toEqual(Object.keys(EXAMPLES).sort());
  });

  it.each(Object.entries(EXAMPLES))('%s', (_file, check) => check());
});
