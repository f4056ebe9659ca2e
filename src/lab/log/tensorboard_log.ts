import { join } from 'node:path';
import { appendToFile } from '../../node/atomic_file.ts';
import {
  encodeEvent,
  encodeHParams,
  FLOAT,
  type HParamsPluginData,
  STRING,
  type SummaryValue,
  TENSOR_CLASS,
} from './event_schema.ts';
import { tfRecord } from './tf_record.ts';
import type { EpochEntry, Settings, StepEntry, TrainingLog } from './training_log.ts';

/** What the first record of an event file says. */
const FILE_VERSION = 'brain.Event:2';
/** Status of the hparams plugin for what ended well. */
const SUCCESS = 1;
/** Image.colorspace: red, green, blue, alpha. */
const RGBA = 4;
/** Where a PNG's header has its width; its height follows. */
const PNG_WIDTH = 16;

function hparamsValue(tag: string, data: HParamsPluginData): SummaryValue {
  const content = encodeHParams(data);
  return {
    tag,
    tensor: { dtype: FLOAT, tensorShape: { dim: [] } },
    metadata: { pluginData: { pluginName: 'hparams', content } },
  };
}

function hparam(setting: string | number | boolean) {
  if (typeof setting === 'number') return { numberValue: setting };
  return typeof setting === 'string' ? { stringValue: setting } : { boolValue: setting };
}

/**
 * A log as TensorBoard reads it: an event file in a folder, with scalars by step (`step/loss`, …), by epoch (`epoch/loss`, …) and of the test
 * (`test/accuracy`, …), the settings as a text and as hyperparameters, and images. A training that goes on begins another file beside the
 * first; TensorBoard reads them as one.
 */
export class TensorboardLog implements TrainingLog {
  readonly path: string;
  readonly #now: () => number;
  #last = 0;

  /** now: the time in milliseconds. */
  constructor(folder: string, now: () => number = Date.now) {
    this.#now = now;
    // TensorBoard knows event files by this part of their names, and reads them in the order of their times.
    this.path = join(folder, `events.out.tfevents.${Math.floor(now() / 1000)}.${process.pid}.wgrad`);
    appendToFile(this.path, tfRecord(encodeEvent({ wallTime: now() / 1000, fileVersion: FILE_VERSION })));
  }

  #write(step: number, value: SummaryValue[]): void {
    appendToFile(this.path, tfRecord(encodeEvent({ wallTime: this.#now() / 1000, step, summary: { value } })));
  }

  #scalars(step: number, group: string, values: Readonly<Record<string, number | null>>): void {
    const defined = Object.entries(values).filter((named): named is [string, number] => named[1] !== null);
    this.#write(
      step,
      defined.map(([name, simpleValue]) => ({ tag: `${group}/${name}`, simpleValue })),
    );
  }

  begin(name: string, settings: Settings): void {
    const rows = Object.entries(settings).map(([setting, value]) => `| ${setting} | ${value} |`);
    const text = new TextEncoder().encode(
      [`**${name}**`, '', '| setting | value |', '| --- | --- |', ...rows].join('\n'),
    );
    const hparams = Object.fromEntries(Object.entries(settings).map(([setting, value]) => [setting, hparam(value)]));
    this.#write(0, [
      {
        tag: 'settings',
        tensor: { dtype: STRING, tensorShape: { dim: [] }, stringVal: [text] },
        metadata: { pluginData: { pluginName: 'text' }, dataClass: TENSOR_CLASS },
      },
      hparamsValue('_hparams_/session_start_info', {
        version: 0,
        sessionStartInfo: { hparams, startTimeSecs: this.#now() / 1000 },
      }),
    ]);
  }

  step({ step, loss, accuracy, imagesPerSecond }: StepEntry): void {
    this.#last = step;
    this.#scalars(step, 'step', { loss, accuracy, imagesPerSecond });
  }

  epoch({ epoch, loss, accuracy, seconds, validation }: EpochEntry): void {
    this.#scalars(epoch, 'epoch', { loss, accuracy, seconds });
    if (validation) this.#scalars(epoch, 'validation', validation);
  }

  image(name: string, png: Uint8Array): void {
    const header = new DataView(png.buffer, png.byteOffset + PNG_WIDTH, 8);
    const [width, height] = [header.getUint32(0), header.getUint32(4)];
    this.#write(this.#last, [{ tag: name, image: { height, width, colorspace: RGBA, encodedImageString: png } }]);
  }

  end(scores: Readonly<Record<string, number | null>>): void {
    this.#scalars(this.#last, 'test', scores);
    const sessionEndInfo = { status: SUCCESS, endTimeSecs: this.#now() / 1000 };
    this.#write(this.#last, [hparamsValue('_hparams_/session_end_info', { version: 0, sessionEndInfo })]);
  }
}
