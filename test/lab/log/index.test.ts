import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeEvent, decodeHParams } from '../../../src/lab/log/event_schema.ts';
import { LOG_NAMES, openTrainingLog } from '../../../src/lab/log/index.ts';
import type { TrainingLog } from '../../../src/lab/log/training_log.ts';
import { readRecords } from './read_records.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const picture = PNG.sync.write(new PNG({ width: 5, height: 3 }));

function writeAll(log: TrainingLog): void {
  log.begin('resnet20 focal', { model: 'resnet20', lr: 0.5, dropLast: true });
  log.step({ step: 7, epoch: 1, loss: 2.5, accuracy: 0.25, imagesPerSecond: 99 });
  log.epoch({ epoch: 1, loss: 2, accuracy: 0.5, seconds: 1.5, validation: { loss: 3, macroF1: 0.25 } });
  log.image('confusion', picture);
  log.end({ accuracy: 0.75, rocAuc: null });
}

it('knows two kinds', () => expect(LOG_NAMES).toEqual(['tensorboard', 'jsonl']));

describe('the log for TensorBoard', () => {
  it('holds whole records: the version, settings, scalars by step and epoch, the image, the scores', () => {
    const log = openTrainingLog('tensorboard', folder);
    const begun = Date.now() / 1000;
    writeAll(log);
    expect(basename(log.path)).toMatch(/^events\.out\.tfevents\.\d{10}\./);
    const events = readRecords(readFileSync(log.path)).map(decodeEvent);
    for (const { wallTime } of events) expect(Math.abs(wallTime - begun)).toBeLessThan(10);
    expect(events[0].fileVersion).toBe('brain.Event:2');
    const [settings, start] = events[1].summary?.value ?? [];
    expect(settings).toMatchObject({ tag: 'settings', metadata: { pluginData: { pluginName: 'text' } } });
    expect(new TextDecoder().decode(settings.tensor?.stringVal?.[0])).toContain('| lr | 0.5 |');
    const { sessionStartInfo } = decodeHParams(start.metadata?.pluginData.content as Uint8Array);
    expect(sessionStartInfo?.hparams).toEqual({
      ...{ model: { stringValue: 'resnet20' }, lr: { numberValue: 0.5 }, dropLast: { boolValue: true } },
    });
    const scalars = events.flatMap(({ step, summary }) =>
      (summary?.value ?? []).flatMap(({ tag, simpleValue }) =>
        simpleValue === undefined ? [] : [[step, tag, simpleValue]],
      ),
    );
    expect(scalars).toEqual([
      [7, 'step/loss', 2.5],
      [7, 'step/accuracy', 0.25],
      [7, 'step/imagesPerSecond', 99],
      [1, 'epoch/loss', 2],
      [1, 'epoch/accuracy', 0.5],
      [1, 'epoch/seconds', 1.5],
      [1, 'validation/loss', 3],
      [1, 'validation/macroF1', 0.25],
      [7, 'test/accuracy', 0.75],
    ]);
    const image = events.flatMap(({ summary }) => summary?.value ?? []).find(({ tag }) => tag === 'confusion')?.image;
    expect(image).toMatchObject({ width: 5, height: 3, colorspace: 4 });
    expect(Buffer.from(image?.encodedImageString ?? [])).toEqual(picture);
    const end = events.at(-1)?.summary?.value[0].metadata?.pluginData.content as Uint8Array;
    expect(decodeHParams(end).sessionEndInfo).toMatchObject({ status: 1 });
  });
});

describe('the log as lines of JSON', () => {
  it('has an object a line, and is added to', () => {
    writeAll(openTrainingLog('jsonl', folder));
    const log = openTrainingLog('jsonl', folder);
    log.epoch({ epoch: 2, loss: 1, accuracy: 1, seconds: 1 });
    const lines = readFileSync(log.path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ event }) => event)).toEqual(['begin', 'step', 'epoch', 'image', 'end', 'epoch']);
    expect(lines[0]).toMatchObject({ name: 'resnet20 focal', settings: { lr: 0.5 } });
    expect(lines[1]).toMatchObject({ step: 7, epoch: 1, loss: 2.5, accuracy: 0.25, imagesPerSecond: 99 });
    expect(lines[2]).toMatchObject({ epoch: 1, loss: 2, accuracy: 0.5, seconds: 1.5 });
    expect(lines[3].name).toBe('confusion');
    expect(lines[4].scores).toEqual({ accuracy: 0.75, rocAuc: null });
    for (const { time } of lines) expect(Math.abs(time - Date.now() / 1000)).toBeLessThan(10);
  });
});
