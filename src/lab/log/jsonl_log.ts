import { join } from 'node:path';
import { appendToFile } from '../../node/atomic_file.ts';
import type { EpochEntry, Settings, StepEntry, TrainingLog } from './training_log.ts';

/**
 * A log with a JSON object a line, in `log.jsonl` of a folder: `event` says what it is ('begin', 'step', 'epoch', 'image' or 'end'), `time` when, in
 * seconds since 1970. A training that goes on adds to it. Images are named only: their files stand in the folder.
 */
export class JsonlLog implements TrainingLog {
  readonly path: string;
  readonly #now: () => number;

  /** now: the time in milliseconds. */
  constructor(folder: string, now: () => number = Date.now) {
    this.path = join(folder, 'log.jsonl');
    this.#now = now;
  }

  #write(event: string, entry: object): void {
    appendToFile(this.path, `${JSON.stringify({ event, time: this.#now() / 1000, ...entry })}\n`);
  }

  begin(name: string, settings: Settings): void {
    this.#write('begin', { name, settings });
  }

  step(entry: StepEntry): void {
    this.#write('step', entry);
  }

  epoch(entry: EpochEntry): void {
    this.#write('epoch', entry);
  }

  image(name: string): void {
    this.#write('image', { name });
  }

  end(scores: Readonly<Record<string, number | null>>): void {
    this.#write('end', { scores });
  }
}
