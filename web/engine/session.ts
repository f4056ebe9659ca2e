import type { ImageDataset } from '../../src/data/image_dataset.ts';
import { type LongTailedData, longTailedData } from '../../src/data/training_data.ts';
import { countParameters } from '../../src/nn/summary.ts';
import type { Gpu } from '../../src/runtime/gpu.ts';
import type { Look, Progress, Ready, Report, SetUp } from '../protocol.ts';
import { heldOutLook, innerLook } from './looks.ts';
import { Run, recipeOf, type StepResult } from './run.ts';
import { Lock, sentenceOf } from './serve.ts';

/** Test images of each class that are looked at while training. */
export const HELD_PER_CLASS = 20;
/** Milliseconds between two reports of losses. */
const TELL_EVERY = 200;
/** Milliseconds between two looks at least, and how many times its own time a look must be away from the last. */
const LOOK_EVERY = 1000;
const LOOK_SHARE = 16;

/** Which steps are timed: not the first, in which kernels are compiled. */
const TIMED_EVERY = 50;
const TIMED_AT = 3;

/** One after the other: scopes of the device may not overlap. */
export async function inTurn<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const one of all) results.push(await work(one));
  return results;
}

/** The runs of a set-up, side by side, and the loop that trains them. */
export class Session {
  readonly runs: Run[];
  readonly data: LongTailedData;
  readonly dataset: ImageDataset;
  readonly setUp: SetUp;
  readonly lock = new Lock();
  readonly gpu: Gpu;
  readonly #tell: (report: Report) => void;
  #training = false;
  #stopped = false;
  #results: StepResult[][];
  #told: number[];
  #lastTold = 0;
  #lastLook = 0;
  #lookTook = 0;
  /** Milliseconds of steps and images in them, over the last few seconds. */
  #clock = { steps: 0, images: 0 };
  /** Milliseconds of all steps, and of what is shown of them. */
  #spent = { steps: 0, display: 0 };

  constructor(gpu: Gpu, dataset: ImageDataset, setUp: SetUp, tell: (report: Report) => void) {
    this.gpu = gpu;
    this.#tell = tell;
    this.dataset = dataset;
    this.setUp = setUp;
    const { perClass, imbalance, seed } = setUp;
    this.data = longTailedData(gpu, dataset, { maxPerClass: perClass, imbalance, testPerClass: HELD_PER_CLASS, seed });
    this.runs = setUp.runs.map((run) => new Run(gpu, recipeOf(setUp, run), this.data));
    this.#results = this.runs.map(() => []);
    this.#told = this.runs.map(() => 0);
  }

  get ready(): Ready {
    const { classNames, counts, test } = this.data;
    const [{ task }] = this.runs;
    return {
      ...{ classNames, counts, held: test.count, imageShape: test.imageShape },
      parameters: countParameters(task.model).parameters,
      summary: task.model.toString(),
      digits: this.dataset.name === 'mnist',
    };
  }

  get step(): number {
    return this.runs[0].step;
  }

  get training(): boolean {
    return this.#training;
  }

  /** Trains until it is paused. */
  train(): void {
    if (this.#training) return;
    this.#training = true;
    this.#lastTold = performance.now();
    void this.#loop();
  }

  async pause(): Promise<void> {
    this.#training = false;
    await this.lock.run(() => this.#report(true));
  }

  /** Pauses for good: the session is no longer needed. */
  async stop(): Promise<void> {
    this.#training = false;
    this.#stopped = true;
    await this.lock.run(() => {});
  }

  /** A run did a step that was recorded; the others do theirs. */
  async stepOthers(done: number, loss: number): Promise<void> {
    const sent = this.runs.map((run, i) => (i === done ? { loss, accuracy: Number.NaN } : run.send()));
    for (const [i, result] of (await Promise.all(sent)).entries()) this.#results[i].push(result);
    this.#report(true);
  }

  async #loop(): Promise<void> {
    try {
      while (this.#training) {
        await this.lock.run(() => (this.#training ? this.#oneStep() : undefined));
        // Lets messages in.
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    } catch (error) {
      this.#training = false;
      this.#tell({ kind: 'trouble', sentence: sentenceOf(error) });
    }
    this.#report(true);
  }

  /** Where they are due before the next step. */
  async takeSnapshots(): Promise<void> {
    for (const run of this.runs) if (run.snapshotIsDue) await run.snapshot();
  }

  /** One step of every run. */
  async #oneStep(): Promise<void> {
    const start = performance.now();
    await this.takeSnapshots();
    const timed = this.step % TIMED_EVERY === TIMED_AT;
    const results = timed
      ? await inTurn(this.runs, (run) => run.sendTimed())
      : await Promise.all(this.runs.map((run) => run.send()));
    for (const [i, result] of results.entries()) this.#results[i].push(result);
    // The first step compiles kernels: it says nothing of the others.
    if (this.step > 1) {
      const took = performance.now() - start;
      this.#clock.steps += took;
      this.#spent.steps += took;
      this.#clock.images += this.runs.length * this.setUp.batchSize;
    }
    const bad = results.findIndex(({ loss }) => !Number.isFinite(loss));
    if (bad >= 0) {
      this.#training = false;
      this.#tell({
        kind: 'trouble',
        sentence: `The loss of run ${bad + 1} is ${results[bad].loss}: the training has diverged. Rewind, or take a smaller learning rate.`,
      });
    }
    this.#report(false);
    const now = performance.now();
    if (now - this.#lastLook > Math.max(LOOK_EVERY, LOOK_SHARE * this.#lookTook)) await this.look();
  }

  /** Does so many steps. */
  async steps(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.lock.run(() => this.#oneStep());
    await this.lock.run(async () => {
      this.#report(true);
      await this.look();
    });
  }

  async rewind(step: number): Promise<void> {
    this.#training = false;
    await this.lock.run(async () => {
      for (const [i, run] of this.runs.entries()) {
        if (step > run.step) throw new RangeError(`Step ${step} is not done yet; there are ${run.step}.`);
        await run.rewind(step);
        this.#results[i].length = step;
        this.#told[i] = Math.min(this.#told[i], step);
      }
      this.#report(true);
      await this.look();
    });
  }

  #report(force: boolean): void {
    // The page has begun anew: what it hears of is no longer this session.
    if (this.#stopped) return;
    const now = performance.now();
    if (!force && now - this.#lastTold < TELL_EVERY) return;
    const { steps, images } = this.#clock;
    const progress: Progress = {
      step: this.step,
      stepsPerEpoch: this.runs[0].task.stepsPerEpoch,
      training: this.#training,
      imagesPerSecond: steps > 0 ? (1000 * images) / steps : 0,
      display: this.#spent.steps > 0 ? this.#spent.display / this.#spent.steps : 0,
      runs: this.#results.map((results, i) => {
        const from = this.#told[i];
        this.#told[i] = results.length;
        const fresh = results.slice(from);
        return { from, losses: fresh.map(({ loss }) => loss), accuracies: fresh.map(({ accuracy }) => accuracy) };
      }),
    };
    this.#lastTold = now;
    // Means over the last few seconds.
    if (steps > 4000) this.#clock = { steps: steps / 2, images: images / 2 };
    this.#tell({ kind: 'progress', progress });
  }

  /** Looks at the images held out and into the networks, and tells. Call within the lock. */
  async look(): Promise<void> {
    const start = performance.now();
    for (const [i, run] of this.runs.entries()) {
      if (this.#stopped) return;
      const look: Look = { run: i, step: run.step, ...(await heldOutLook(this.gpu, run)), ...(await innerLook(run)) };
      this.#tell({ kind: 'look', look });
    }
    this.#lastLook = performance.now();
    this.#lookTook = this.#lastLook - start;
    this.#spent.display += this.#lookTook;
  }
}
