import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeviceError } from '../../src/kernels/errors.ts';
import { ps1 } from '../../src/lab/experiments/ps1.ts';
import { type LabOptions, runLab } from '../../src/lab/run_lab.ts';
import { UserError } from '../../src/lab/user_error.ts';

let folder: string;
let lines: string[];

/** Runs the lab's first experiment on a few digits; seconds on two cores. */
const TINY = {
  preset: 'smoke',
  data: 'mnist',
  seed: 42,
  epochs: 2,
  batchSize: 32,
  width: 1 / 16,
  maxPerClass: 24,
} as const;
const never = new AbortController().signal;

function lab(out: string, options: Partial<LabOptions> = {}): Promise<number> {
  return runLab({ ...TINY, imbalance: 4, out: join(folder, out), signal: never, ...options });
}

/** The one run's folder under `out`. */
function runOf(out: string): string {
  const runs = readdirSync(join(folder, out));
  expect(runs).toHaveLength(1);
  return join(folder, out, runs[0]);
}

function results(out: string) {
  const { timings, ...rest } = JSON.parse(readFileSync(join(runOf(out), 'results.json'), 'utf8'));
  return { timings, rest };
}

/** Every file of a run with its bytes. */
function bytesOf(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(path, name)).isFile(),
  );
  return Object.fromEntries(files.sort().map((name) => [name, readFileSync(join(path, name)).toString('base64')]));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-lab-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  lines = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void lines.push(text));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

describe('runLab', () => {
  it('leaves results, history, figures and a checkpoint, all whole', async () => {
    expect(await lab('whole')).toBe(0);
    const run = runOf('whole');
    expect(Object.keys(bytesOf(run))).toEqual([
      'checkpoints/ps1.safetensors',
      ...['class_distribution', 'confusion_matrix', 'training_curves'].flatMap((name) => [
        `figures/${name}.png`,
        `figures/${name}.svg`,
      ]),
      'history.csv',
      'results.json',
    ]);
    for (const name of readdirSync(join(run, 'figures')).filter((file) => file.endsWith('.png'))) {
      const { data } = PNG.sync.read(readFileSync(join(run, 'figures', name)));
      const colours = new Set(new Uint32Array(data.buffer, data.byteOffset, data.length / 4));
      expect(colours.size, name).toBeGreaterThan(10);
      expect(readFileSync(join(run, 'figures', name.replace('.png', '.svg')), 'utf8')).toMatch(
        /^<svg [\s\S]*<\/svg>\s*$/,
      );
    }
    const { rest, timings } = results('whole');
    expect(rest).toMatchObject({
      format: 'wgrad-results',
      version: 1,
      configuration: { ...TINY, imbalance: 4, testPerClass: 50 },
      environment: { wgrad: '0.1.0', adapter: { software: expect.any(Boolean) } },
      dataset: { name: 'mnist', trainingImages: 8000, testImages: 2000 },
      experiments: { ps1: { finished: true, trainingCounts: [24, 20, 17, 15, 12, 11, 9, 8, 6, 6] } },
    });
    const { history, test, model } = rest.experiments.ps1;
    expect(history).toHaveLength(2);
    expect(model.parameters).toBe(19454);
    expect(test.samples).toBe(500);
    expect(test.confusion.map((row: number[]) => row.reduce((a, b) => a + b))).toEqual(Array(10).fill(50));
    expect(timings.ps1).toMatchObject({ trainingSeconds: expect.any(Number), evaluationSeconds: expect.any(Number) });
    const [header, ...rows] = readFileSync(join(run, 'history.csv'), 'utf8').trimEnd().split('\n');
    expect(header).toBe('epoch,loss,accuracy,seconds');
    expect(rows.map((row) => row.split(',').slice(0, 3).map(Number))).toEqual(
      history.map(({ epoch, loss, accuracy }: Record<string, number>) => [epoch, loss, accuracy]),
    );
    const said = lines.join('\n');
    expect(said).toContain('CustomCNN on a long-tailed training set');
    expect(said).toContain('128 training images; the largest class has 4.0 times those of the smallest.');
    expect(said).toContain(run);
  });

  it('gives the same results for the same seed but for times, and others for another', async () => {
    await lab('again');
    await lab('other', { seed: 43 });
    const { rest } = results('whole');
    expect(results('again').rest).toEqual(rest);
    const files = (out: string) =>
      Object.entries(bytesOf(join(runOf(out), 'figures'))).filter(([name]) => name.endsWith('.svg'));
    expect(files('again')).toEqual(files('whole'));
    const other = results('other').rest.experiments.ps1;
    expect(other.history).not.toEqual(rest.experiments.ps1.history);
    expect(other.test.loss).not.toBe(rest.experiments.ps1.test.loss);
  });

  it('gives the same results when it was stopped again and again', async () => {
    expect(await lab('stopped', { signal: AbortSignal.abort() })).toBe(130);
    const run = runOf('stopped');
    // Four steps an epoch: stopped after the first, then after each of the next ones.
    for (let step = 2; step <= 5; step++) {
      expect(results('stopped').rest.experiments.ps1).toMatchObject({ finished: false });
      expect(lines.at(-1)).toContain(`npm run lab -- --resume ${run}`);
      expect(existsSync(join(run, 'figures', 'confusion_matrix.svg'))).toBe(false);
      expect(await lab('stopped', { resume: run, signal: AbortSignal.abort() })).toBe(130);
    }
    expect(readFileSync(join(run, 'history.csv'), 'utf8').split('\n')).toHaveLength(3);
    // The options of the command line give way to the run's own.
    expect(await lab('elsewhere', { resume: run, seed: 7, epochs: 1, preset: 'full', data: undefined })).toBe(0);
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
    expect(results('stopped').rest).toEqual(results('whole').rest);
    const checkpoint = (out: string) => statSync(join(runOf(out), 'checkpoints', 'ps1.safetensors')).size;
    expect(checkpoint('stopped')).toBeGreaterThan(0);
    expect(Object.keys(bytesOf(run))).toEqual(Object.keys(bytesOf(runOf('whole'))));
  });

  it('leaves a finished run that is resumed as it is', async () => {
    const run = runOf('whole');
    const before = bytesOf(run);
    expect(await lab('whole', { resume: run })).toBe(0);
    expect(bytesOf(run)).toEqual(before);
    expect(lines.join('\n')).toContain('ps1: done before.');
  });

  it('resumes with a checkpoint that is gone from the beginning', async () => {
    expect(await lab('fresh', { signal: AbortSignal.abort() })).toBe(130);
    const run = runOf('fresh');
    rmSync(join(run, 'checkpoints'), { recursive: true });
    rmSync(join(run, 'figures'), { recursive: true });
    expect(await lab('fresh', { resume: run })).toBe(0);
    expect(results('fresh').rest).toEqual(results('whole').rest);
  });
});

describe('what runLab refuses', () => {
  /** The one sentence it throws; nothing in the folder changes. */
  async function refusal(options: Partial<LabOptions>, unchanged = folder): Promise<string> {
    const before = bytesOf(unchanged);
    const error = await lab('refused', options).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toMatch(/^[^\n]+\.$/);
    expect(bytesOf(unchanged)).toEqual(before);
    return error.message;
  }

  it('a file for --out', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'mine');
    expect(await refusal({ out: file })).toMatch(/file cannot be made, as part of that path is a file; .*--out\.$/);
    expect(await refusal({ out: join(file, 'below') })).toContain('--out');
  });

  it('a folder for --data-dir that is not there, also for the embedded digits', async () => {
    for (const data of ['mnist', 'cifar10', 'fashion-mnist', undefined] as const) {
      expect(await refusal({ data, dataDir: join(folder, 'nosuch') })).toMatch(
        /^--data-dir names \S+, which does not exist/,
      );
    }
  });

  it('a folder without a run for --resume, and results that are damaged or of another version', async () => {
    expect(await refusal({ resume: join(folder, 'nosuch') })).toMatch(/^There is no run to resume in \S+nosuch: /);
    const run = join(folder, 'damaged');
    mkdirSync(run);
    expect(await refusal({ resume: run })).toMatch(/it holds no results\.json/);
    const whole = readFileSync(join(runOf('whole'), 'results.json'), 'utf8');
    const given = (text: string) => {
      writeFileSync(join(run, 'results.json'), text);
      return refusal({ resume: run });
    };
    expect(await given(whole.slice(0, 500))).toMatch(/results\.json is damaged and cannot be read; start a new run\.$/);
    expect(await given('')).toContain('is damaged');
    expect(await given('{}')).toMatch(/is not that of a run of this version; start a new run\.$/);
    expect(await given(whole.replace('"version": 1', '"version": 99'))).toMatch(/has version 99, expected 1/);
    expect(await given(whole.replace('"width": 0.0625', '"width": -1'))).toContain(
      'is not that of a run of this version',
    );
  });

  it('a checkpoint that is damaged or of another configuration', async () => {
    await lab('checkpoints', { signal: AbortSignal.abort() });
    const run = runOf('checkpoints');
    const path = join(run, 'checkpoints', 'ps1.safetensors');
    const good = readFileSync(path);
    // Where the run stands is written anew when it is taken up; all else stays.
    const kept = () => bytesOf(join(run, 'checkpoints'));
    for (const [bytes, sentence] of [
      [good.subarray(0, good.length / 2), /checkpoint \S+ is damaged \(.*\); delete it to train from the beginning\.$/],
      [
        readFileSync(join(runOf('other'), 'checkpoints', 'ps1.safetensors')),
        /belongs to a run of another configuration/,
      ],
    ] as const) {
      writeFileSync(path, bytes);
      const before = kept();
      const error = await lab('checkpoints', { resume: run }).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(UserError);
      expect(error.message).toMatch(sentence);
      expect(kept()).toEqual(before);
      expect(results('checkpoints').rest.experiments.ps1).toMatchObject({ finished: false });
    }
  });

  it('an adapter that is not there', async () => {
    await expect(lab('refused', { adapter: 'nosuch' })).rejects.toThrow(DeviceError);
    expect(readdirSync(join(folder, 'refused'))).toEqual([]);
  });
});

describe.runIf(existsSync('/dev/full'))('on a full disk', () => {
  it('says so, and leaves the checkpoint and the results of before whole', async () => {
    await lab('full', { signal: AbortSignal.abort() });
    const run = runOf('full');
    const before = bytesOf(run);
    const full = {
      ...ps1,
      run: (context: Parameters<typeof ps1.run>[0]) => {
        // What is written to this device finds no space.
        symlinkSync('/dev/full', context.folder.file('checkpoints', `ps1.safetensors.${process.pid}.partial`));
        return ps1.run(context);
      },
    };
    const options = { ...TINY, imbalance: 4, out: folder, resume: run, signal: never };
    const error = await runLab(options, [full]).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toMatch(/^The disk is full: \S+ps1\.safetensors could not be written; .*--resume\.$/);
    expect(bytesOf(run)).toEqual(before);
  });
});
