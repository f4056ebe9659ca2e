import { createHash } from 'node:crypto';
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
import { type LabOptions, runLab } from '../../../src/lab/commands/lab.ts';
import { decodeEvent } from '../../../src/lab/log/event_schema.ts';
import { confusionMatrix } from '../../../src/lab/plots/index.ts';
import { paragraph, table } from '../../../src/lab/run/blocks.ts';
import type { Experiment } from '../../../src/lab/run/experiment.ts';
import { baseRecipe } from '../../../src/lab/run/lab_recipes.ts';
import { labResultsSchema } from '../../../src/lab/run/lab_results.ts';
import { DeviceError, UserError } from '../../../src/runtime/errors.ts';
import { readRecords } from '../log/read_records.ts';

/** In place of what is drawn for the names of files that are being written, where a test has to know it. */
const drawn = vi.hoisted(() => ({ next: undefined as string | undefined }));
vi.mock('node:crypto', async (original) => {
  const actual = await original<typeof import('node:crypto')>();
  return { ...actual, randomUUID: () => drawn.next ?? actual.randomUUID() };
});

let folder: string;
let lines: string[];

/** An experiment of one training; seconds on two cores. */
const probe: Experiment = {
  id: 'probe',
  title: 'One training',
  question: 'Does it run?',
  trainings: (configuration) => [{ recipe: baseRecipe(configuration, 'ps3') }],
  async run(context) {
    const { evaluation, history } = await context.trained(baseRecipe(context.configuration, 'ps3'));
    const { classNames } = context.data;
    const figure = await context.figure(confusionMatrix({ classNames, matrix: evaluation.metrics.confusion }));
    const section = [
      paragraph('Text & more.'),
      figure,
      table(
        'Losses.',
        ['epoch', 'loss'],
        history.map((e) => [e.epoch, e.loss]),
      ),
    ];
    return { results: { accuracy: evaluation.metrics.accuracy }, section };
  },
};
/** One that asks for the same training. */
const second: Experiment = {
  ...{ id: 'second', title: 'The same training', question: 'Is it shared?' },
  async run(context) {
    const { key } = await context.trained(baseRecipe(context.configuration, 'ps3'));
    return { results: { key, probe: context.resultsOf('probe') }, section: [] };
  },
};
const broken: Experiment = {
  ...{ id: 'broken', title: 'A defect', question: 'Does it end the run?' },
  run: async () => {
    throw new TypeError('x is <not> a function');
  },
};

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

function lab(out: string, options: Partial<LabOptions> = {}, experiments = [probe]): Promise<number> {
  return runLab({ ...TINY, imbalance: 4, out: join(folder, out), signal: never, ...options }, experiments);
}

/** Begins a run and stops it when its first progress shows. */
function stopEarly(out: string): Promise<number> {
  const controller = new AbortController();
  vi.mocked(process.stderr.write).mockImplementation(() => {
    controller.abort();
    return true;
  });
  return lab(out, { signal: controller.signal }).finally(() => vi.mocked(process.stderr.write).mockReturnValue(true));
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

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Every file of a run with the hash of its bytes. */
function bytesOf(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(path, name)).isFile(),
  );
  return Object.fromEntries(files.sort().map((name) => [name, hash(readFileSync(join(path, name)))]));
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
    const { rest, timings } = results('whole');
    expect(labResultsSchema.safeParse({ ...rest, timings }).error).toBeUndefined();
    const [key] = Object.keys(rest.trainings);
    expect(Object.keys(bytesOf(run))).toEqual([
      `checkpoints/${key}.safetensors`,
      'figures/probe_confusion_matrix.png',
      'figures/probe_confusion_matrix.svg',
      'history.csv',
      'metrics.csv',
      'report.html',
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
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(rest).toMatchObject({
      format: 'wgrad-results',
      version: 2,
      configuration: { preset: 'smoke', data: 'mnist', seed: 42, batchSize: 32, maxPerClass: 24, imbalance: 4 },
      environment: { wgrad: version, adapter: { software: expect.any(Boolean) } },
      dataset: { name: 'mnist', trainingImages: 8000, testImages: 2000, tested: 200 },
      experiments: { probe: { status: 'done', title: 'One training' } },
    });
    expect(rest.dataset.trainingCounts).toEqual([24, 20, 17, 15, 12, 11, 9, 8, 6, 6]);
    const { history, test, parameters } = rest.trainings[key];
    expect(history).toHaveLength(2);
    expect(parameters).toBe(19454);
    expect(test.samples).toBe(200);
    expect(test.confusion.map((row: number[]) => row.reduce((a, b) => a + b))).toEqual(Array(10).fill(20));
    expect(timings.trainings[key]).toMatchObject({
      trainingSeconds: expect.any(Number),
      evaluationSeconds: expect.any(Number),
    });
    expect(timings.experiments.probe.seconds).toBeGreaterThan(0);
    const rows = (file: string) =>
      readFileSync(join(run, file), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(','));
    const [header, ...epochs] = rows('history.csv');
    expect(header).toEqual(['training', 'epoch', 'loss', 'accuracy', 'seconds']);
    expect(epochs.map((row) => row.slice(1, 4).map(Number))).toEqual(
      history.map(({ epoch, loss, accuracy }: Record<string, number>) => [epoch, loss, accuracy]),
    );
    const [columns, values, ...others] = rows('metrics.csv');
    expect(others).toEqual([]);
    const row = Object.fromEntries(columns.map((column, i) => [column, values[i]]));
    expect(row).toMatchObject({ training: key, model: 'custom-cnn', loss: 'ce', accuracy: `${test.accuracy}` });
    const report = readFileSync(join(run, 'report.html'), 'utf8');
    expect(report).toContain('Text &amp; more.');
    expect(report).toContain('data:image/svg+xml;base64,');
    const said = lines.join('\n');
    expect(said).toContain('One training\nDoes it run?');
    expect(said).toContain(`Report: ${join(run, 'report.html')}`);
    expect(said).toMatch(/accuracy .* custom-cnn-ce-adam /);
  });

  it('makes a training once for all experiments, loses none to a failing one, and resumes to run that again', async () => {
    expect(await lab('several', {}, [broken, probe, second])).toBe(1);
    const { rest } = results('several');
    expect(rest.experiments.broken).toMatchObject({ status: 'failed', reason: 'x is <not> a function', section: [] });
    expect(Object.keys(rest.trainings)).toEqual([rest.experiments.second.results.key]);
    expect(rest.experiments.second.results.probe).toEqual(rest.experiments.probe.results);
    expect(rest.trainings).toEqual(results('whole').rest.trainings);
    const report = readFileSync(join(runOf('several'), 'report.html'), 'utf8');
    expect(report).toContain('x is &lt;not&gt; a function');
    expect(lines.join('\n')).toContain('broken failed: x is <not> a function\n');

    const mended = { ...broken, run: second.run };
    expect(await lab('several', { resume: runOf('several') }, [mended, probe, second])).toBe(0);
    const { timings, rest: after } = results('several');
    expect(after.experiments.broken.status).toBe('done');
    expect(after.trainings).toEqual(rest.trainings);
    expect(Object.keys(timings.trainings)).toEqual(Object.keys(rest.trainings));
  });

  it('writes a log of each training that is made, in a folder of its own, and none of those done before', async () => {
    expect(await lab('logs', { log: 'tensorboard', seeds: 2 }, [probe, second])).toBe(0);
    const run = runOf('logs');
    const keys = Object.keys(JSON.parse(readFileSync(join(run, 'results.json'), 'utf8')).trainings);
    expect(keys).toHaveLength(2);
    expect(readdirSync(join(run, 'logs')).sort()).toEqual(keys.sort());
    for (const key of keys) {
      const [name, ...others] = readdirSync(join(run, 'logs', key));
      expect(others).toEqual([]);
      const events = readRecords(readFileSync(join(run, 'logs', key, name))).map(decodeEvent);
      const values = events.flatMap(({ summary }) => summary?.value ?? []);
      const settings = new TextDecoder().decode(values[0].tensor?.stringVal?.[0]);
      expect(settings).toContain('| preset | smoke |');
      expect(values.filter(({ tag }) => tag === 'epoch/loss')).toHaveLength(TINY.epochs);
      for (const tag of ['confusion matrix', 'first filters', 'Grad-CAM']) {
        const png = PNG.sync.read(
          Buffer.from(values.find((value) => value.tag === tag)?.image?.encodedImageString ?? []),
        );
        const colours = new Set(new Uint32Array(png.data.buffer, png.data.byteOffset, png.data.length / 4));
        expect(colours.size, tag).toBeGreaterThan(20);
      }
    }
    rmSync(join(run, 'logs'), { recursive: true });
    expect(await lab('logs', { log: 'tensorboard', resume: run }, [probe, second])).toBe(0);
    expect(existsSync(join(run, 'logs'))).toBe(false);
  });

  it('runs the experiments that are asked for, and others when a run goes on', async () => {
    const all = [probe, second, broken];
    expect(await lab('asked', { experiments: ['second'] }, all)).toBe(0);
    expect(Object.keys(results('asked').rest.experiments)).toEqual(['second']);
    expect(await lab('asked', { experiments: ['probe'], resume: runOf('asked') }, all)).toBe(0);
    const { rest } = results('asked');
    expect(rest.requested).toEqual(['second', 'probe']);
    expect(Object.keys(rest.trainings)).toHaveLength(1);
    const error = await lab('asked', { experiments: ['ps99'] }, all).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toBe("There is no experiment 'ps99'; the experiments are: probe, second, broken.");
    expect(readdirSync(join(folder, 'asked'))).toHaveLength(1);
  });

  it('gives the same results for the same seed but for times, and others for another', async () => {
    await lab('again');
    await lab('other', { seed: 43 });
    const { rest } = results('whole');
    expect(results('again').rest).toEqual(rest);
    const files = (out: string) =>
      Object.entries(bytesOf(join(runOf(out), 'figures'))).filter(([name]) => name.endsWith('.svg'));
    expect(files('again')).toEqual(files('whole'));
    const [own] = Object.values<{ history: unknown; test: { loss: number } }>(rest.trainings);
    const [other] = Object.values<typeof own>(results('other').rest.trainings);
    expect(other.history).not.toEqual(own.history);
    expect(other.test.loss).not.toBe(own.test.loss);
  });

  it('gives the same results when it was stopped again and again', async () => {
    expect(await stopEarly('stopped')).toBe(130);
    const run = runOf('stopped');
    // Each time stopped a step after progress was shown.
    for (let step = 2; step <= 4; step++) {
      expect(results('stopped').rest.experiments.probe).toMatchObject({ status: 'stopped' });
      expect(lines.at(-1)).toContain(`npm run lab -- --resume ${run}`);
      expect(readdirSync(join(run, 'figures'))).toEqual([]);
      const signal = new AbortController();
      vi.mocked(process.stderr.write).mockImplementation(() => {
        signal.abort();
        return true;
      });
      expect(await lab('stopped', { resume: run, signal: signal.signal })).toBe(130);
    }
    vi.mocked(process.stderr.write).mockReturnValue(true);
    // The options of the command line give way to the run's own.
    expect(await lab('elsewhere', { resume: run, seed: 7, epochs: 1, preset: 'full', data: undefined })).toBe(0);
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
    expect(results('stopped').rest).toEqual(results('whole').rest);
    expect(Object.keys(bytesOf(run))).toEqual(Object.keys(bytesOf(runOf('whole'))));
  });

  it('begins in the folder it is given, goes on there, is done there, and refuses another run in it', async () => {
    const into = join(folder, 'place', 'run');
    const again = (options: Partial<LabOptions> = {}, experiments = [probe]) =>
      runLab({ ...TINY, imbalance: 4, into, signal: never, ...options }, experiments);
    const stopping = new AbortController();
    const stopped: Experiment = {
      ...probe,
      run: async () => {
        stopping.abort();
        throw stopping.signal.reason;
      },
    };
    expect(await again({ signal: stopping.signal }, [stopped])).toBe(130);
    expect(await again()).toBe(0);
    const { timings: _, ...found } = JSON.parse(readFileSync(join(into, 'results.json'), 'utf8'));
    expect(found).toEqual(results('whole').rest);
    lines = [];
    const before = bytesOf(into);
    expect(await again()).toBe(0);
    expect(lines).toEqual([`${into}: done before.`]);
    expect(bytesOf(into)).toEqual(before);
    for (const other of [
      { seed: 43 },
      { imbalance: 5 },
      { preset: 'quick' as const },
      { shard: { index: 1, of: 2 } },
    ]) {
      await expect(again(other)).rejects.toThrow('holds a run by another configuration or on other images');
    }
    // Another experiment in the same folder is not done yet.
    expect(await again({}, [probe, second])).toBe(0);
    expect(JSON.parse(readFileSync(join(into, 'results.json'), 'utf8')).requested).toEqual(['probe', 'second']);
  });

  it('leaves a finished run that is resumed as it is', async () => {
    const run = runOf('whole');
    const before = bytesOf(run);
    expect(await lab('whole', { resume: run })).toBe(0);
    expect(bytesOf(run)).toEqual(before);
    expect(lines.join('\n')).toContain('probe: done before.');
  });

  it('resumes with a checkpoint that is gone from the beginning', async () => {
    expect(await stopEarly('fresh')).toBe(130);
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
    expect(await given(whole.replace('"version": 2', '"version": 99'))).toMatch(/has version 99, expected 2/);
    expect(await given(whole.replace('"customCnn": 0.0625', '"customCnn": -1'))).toContain(
      'is not that of a run of this version',
    );
  });

  it('a checkpoint that is damaged or of another configuration', async () => {
    await stopEarly('checkpoints');
    const run = runOf('checkpoints');
    const [name] = readdirSync(join(run, 'checkpoints'));
    const path = join(run, 'checkpoints', name);
    const good = readFileSync(path);
    // Where the run stands is written anew when it is taken up; all else stays.
    const kept = () => bytesOf(join(run, 'checkpoints'));
    for (const [bytes, sentence] of [
      [good.subarray(0, good.length / 2), /checkpoint \S+ is damaged \(.*\); delete it to train from the beginning\.$/],
      [
        readFileSync(join(runOf('other'), 'checkpoints', readdirSync(join(runOf('other'), 'checkpoints'))[0])),
        /belongs to a run of another configuration/,
      ],
    ] as const) {
      writeFileSync(path, bytes);
      const before = kept();
      const error = await lab('checkpoints', { resume: run }).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(UserError);
      expect(error.message).toMatch(sentence);
      expect(kept()).toEqual(before);
      expect(results('checkpoints').rest.experiments.probe.status).toBe('stopped');
    }
  });

  it('an adapter that is not there', async () => {
    await expect(lab('refused', { adapter: 'nosuch' })).rejects.toThrow(DeviceError);
    expect(readdirSync(join(folder, 'refused'))).toEqual([]);
  });
});

describe.runIf(existsSync('/dev/full'))('on a full disk', () => {
  it('says so, and leaves the checkpoint and the results of before whole', async () => {
    await stopEarly('full');
    const run = runOf('full');
    const before = bytesOf(run);
    const [name] = readdirSync(join(run, 'checkpoints'));
    const full = {
      ...probe,
      run: (context: Parameters<typeof probe.run>[0]) => {
        // What is written to this device finds no space.
        drawn.next = 'known';
        symlinkSync('/dev/full', join(run, 'checkpoints', `${name}.known.partial`));
        return probe.run(context);
      },
    };
    const error = await lab('full', { resume: run }, [full]).catch((thrown) => thrown);
    drawn.next = undefined;
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toMatch(/^The disk is full: \S+\.safetensors could not be written; .*--resume\.$/);
    expect(bytesOf(join(run, 'checkpoints'))).toEqual(
      Object.fromEntries(
        Object.entries(before).flatMap(([file, bytes]) =>
          file.startsWith('checkpoints/') ? [[file.replace('checkpoints/', ''), bytes]] : [],
        ),
      ),
    );
  });
});
