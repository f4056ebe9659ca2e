import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BatchSource } from '../../../src/data/batch_source.ts';
import { main } from '../../../src/lab/cli/command_line.ts';
import { decodeEvent } from '../../../src/lab/log/event_schema.ts';
import { LOG_NAMES } from '../../../src/lab/log/index.ts';
import { readRecords } from '../log/read_records.ts';
import { captureConsole } from './captured_console.ts';
import { interruptAt } from './interrupt_at.ts';

/** What most of the registries have beside the usual, in one training of two epochs. */
const LINE =
  'train --data mnist --width 0.0625 --dropout 0.1 --loss focal --optimizer sgd --lr 0.05 --clip-norm 1 --schedule one-cycle --sampler smote --augmentation cutmix --imbalance 4 --max-per-class 12 --test-per-class 4 --epochs 2 --batch-size 40 --rung tiled --json';

let folder: string;
const captured = captureConsole();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-train-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (line: string) => main(line.split(' '));
const resultsOf = (path: string) => JSON.parse(readFileSync(join(path, 'results.json'), 'utf8'));

describe('wgrad train', () => {
  let whole: string;

  it('leaves results, history, weights, figures and its checkpoint, and says how it did', async () => {
    expect(await run(`${LINE} --out ${join(folder, 'whole')}`)).toBe(0);
    expect(captured.lines).toHaveLength(1);
    const { folder: path, weights, ...scores } = JSON.parse(captured.lines[0]);
    whole = path;
    expect(path).toMatch(/-custom-cnn-focal-sgd-one-cycle-smote-cutmix$/);
    expect(readdirSync(path).sort()).toEqual([
      'checkpoints',
      'figures',
      'history.csv',
      'results.json',
      'weights.safetensors',
    ]);
    expect(readdirSync(join(path, 'figures')).sort()).toEqual(
      ['confusion_matrix', 'training_curves'].flatMap((name) => [`${name}.png`, `${name}.svg`]),
    );
    expect(readFileSync(join(path, 'history.csv'), 'utf8')).toMatch(/^epoch,loss,accuracy,seconds\n1,\S+\n2,\S+\n$/);
    const { format, version, configuration, environment, dataset, training } = resultsOf(path);
    expect({ format, version }).toEqual({ format: 'wgrad-training', version: 1 });
    expect(configuration).toMatchObject({
      recipe: {
        ...{ model: 'custom-cnn', width: 0.0625, loss: 'focal', optimizer: 'sgd', lr: 0.05, clipNorm: 1 },
        ...{ schedule: 'one-cycle', sampler: 'smote', augmentation: 'cutmix', epochs: 2, batchSize: 40, seed: 42 },
      },
      ...{ data: 'mnist', imbalance: 4, maxPerClass: 12, testPerClass: 4 },
    });
    expect(new Set(Object.values(environment.rungs))).toEqual(new Set(['tiled']));
    expect(dataset).toMatchObject({ trainingCounts: [12, 10, 8, 7, 6, 5, 4, 4, 3, 3], tested: 40 });
    expect(training.history).toHaveLength(2);
    const { accuracy, precision, recall, f1, rocAuc, balancedAccuracy, macro, loss } = training.test;
    const even = { balancedAccuracy, macroF1: macro.f1 };
    expect(scores).toEqual({ accuracy, precision, recall, f1, rocAuc, ...even, loss, count: 40 });
    expect(weights).toBe(join(path, 'weights.safetensors'));
  });

  it('begins in the folder it is given, is done there, and refuses another training in it', async () => {
    const into = join(folder, 'into');
    expect(await run(`${LINE} --into ${into}`)).toBe(0);
    expect(resultsOf(into).training).toEqual(resultsOf(whole).training);
    const steps = vi.spyOn(BatchSource.prototype, 'augmented');
    expect(await run(`${LINE} --into ${into}`)).toBe(0);
    expect(steps).not.toHaveBeenCalled();
    for (const [from, to] of [
      ['--lr 0.05', '--lr 0.06'],
      ['--imbalance 4', '--imbalance 5'],
      ['--max-per-class 12', '--max-per-class 13'],
      ['--test-per-class 4 ', ''],
      ['--data mnist', '--data fashion-mnist'],
      ['--json', '--no-mirror'],
    ]) {
      captured.errors.length = 0;
      expect([to, await run(`${LINE.replace(from, to)} --into ${into}`)]).toEqual([to, 2]);
      expect(captured.errors.join('')).toContain('holds a training by another recipe or on other images');
    }
  });

  it('goes on in the folder it is given', async () => {
    const into = join(folder, 'into-again');
    interruptAt(3);
    expect(await run(`${LINE} --into ${into}`)).toBe(130);
    vi.restoreAllMocks();
    expect(resultsOf(into).training).toBeNull();
    expect(await run(`${LINE} --into ${into}`)).toBe(0);
    expect(resultsOf(into).training).toEqual(resultsOf(whole).training);
  });

  it('leaves weights that evaluate reads back, to the same scores', async () => {
    // In MNIST's test images the digits alternate: the first 40 are the first four of each.
    const line = 'evaluate --first 40 --batch-size 40 --rung tiled --json --weights';
    const { accuracy, precision, recall, f1, rocAuc, balancedAccuracy, macro, loss } = resultsOf(whole).training.test;
    const even = { balancedAccuracy, macroF1: macro.f1 };
    const scores = { accuracy, precision, recall, f1, rocAuc, ...even, loss, count: 40 };
    // The file records its network, its data set and how images were normalised; a checkpoint records its network and its data set.
    expect(await run(`${line} ${whole}/weights.safetensors`)).toBe(0);
    const [checkpoint] = readdirSync(join(whole, 'checkpoints'));
    expect(await run(`${line} ${whole}/checkpoints/${checkpoint}`)).toBe(0);
    expect(captured.lines.map((text) => JSON.parse(text))).toEqual([scores, scores]);
  });

  it('goes on to the same bits where it was stopped', async () => {
    // SMOTE makes 120 images of 62: three steps an epoch. Stopped in the second epoch.
    const out = join(folder, 'stopped');
    interruptAt(5);
    expect(await run(`${LINE} --out ${out}`)).toBe(130);
    expect(captured.errors.join('\n')).toContain('Stopping after the step under way and saving');
    vi.mocked(BatchSource.prototype.augmented).mockRestore();
    const path = join(out, readdirSync(out)[0]);
    expect(resultsOf(path).training).toBeNull();
    expect(readdirSync(path)).not.toContain('weights.safetensors');

    expect(await run(`train --resume ${path} --json`)).toBe(0);
    const { timings: _, ...resumed } = resultsOf(path);
    const { timings: __, ...direct } = resultsOf(whole);
    expect(resumed).toEqual(direct);
    expect(readFileSync(join(path, 'weights.safetensors'))).toEqual(readFileSync(join(whole, 'weights.safetensors')));

    // Done, it is not trained again.
    interruptAt(1);
    expect(await run(`train --resume ${path} --json`)).toBe(0);
    expect(resultsOf(path)).toMatchObject({ training: direct.training });
  });

  it.each(LOG_NAMES)('writes a log of steps, epochs and the end for %s', async (kind) => {
    const out = join(folder, `log-${kind}`);
    expect(await run(`${LINE} --out ${out} --log ${kind}`)).toBe(0);
    const path = join(out, readdirSync(out)[0]);
    const [name] = readdirSync(path).filter((file) => /log\.jsonl|tfevents/.test(file));
    const file = readFileSync(join(path, name));
    const { training } = resultsOf(path);
    if (kind === 'jsonl') {
      const lines = file
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines[0].settings).toMatchObject({ model: training.recipe.model, data: 'mnist', imbalance: 4 });
      const epochs = lines
        .filter(({ event }) => event === 'epoch')
        .map(({ epoch, loss, accuracy }) => ({ epoch, loss, accuracy }));
      expect(epochs).toEqual(training.history);
      expect(lines.filter(({ event }) => event === 'step').at(-1)).toMatchObject({ epoch: 2, step: 6 });
      expect(lines.at(-1)).toMatchObject({
        event: 'end',
        scores: { accuracy: training.test.accuracy, loss: training.test.loss },
      });
    } else {
      const values = readRecords(file).flatMap((record) => decodeEvent(record).summary?.value ?? []);
      const tags = new Set(values.map(({ tag }) => tag));
      for (const tag of [
        'settings',
        'step/loss',
        'epoch/accuracy',
        'test/f1',
        'confusion matrix',
        'first filters',
        'Grad-CAM',
      ])
        expect(tags).toContain(tag);
      expect(values.filter(({ tag }) => tag === 'epoch/loss').map(({ simpleValue }) => simpleValue)).toEqual(
        training.history.map(({ loss }: { loss: number }) => Math.fround(loss)),
      );
    }
  });

  it('refuses what is no training to go on with in one sentence, exit code 2, and changes nothing', async () => {
    const results = join(whole, 'results.json');
    const sound = readFileSync(results);
    const refused = async (text: string, message: string) => {
      captured.errors = [];
      writeFileSync(results, text);
      expect(await run(`train --resume ${whole}`)).toBe(2);
      expect(captured.errors).toEqual([expect.stringMatching(/^wgrad: [^\n]+\.$/)]);
      expect(captured.errors[0]).toContain(message);
      expect(readFileSync(results, 'utf8')).toBe(text);
    };
    const { ...values } = resultsOf(whole);
    await refused(JSON.stringify({ ...values, version: 0 }), 'has version 0, expected 1; start a new run.');
    await refused(JSON.stringify({ ...values, format: 'wgrad-results' }), 'is not that of a run of this version');
    await refused('{', 'is damaged and cannot be read');
    writeFileSync(results, sound);
    captured.errors = [];
    expect(await run(`train --resume ${join(folder, 'nosuch')}`)).toBe(2);
    expect(captured.errors[0]).toContain('holds no results.json');
  });
});
