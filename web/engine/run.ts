import { orderedBatches } from '../../src/data/ordered_batches.ts';
import type { TrainingData } from '../../src/data/training_data.ts';
import { diagnose, TrainingMonitor } from '../../src/inspect/index.ts';
import { timedStep } from '../../src/inspect/record_step.ts';
import { MODEL_DEFAULTS } from '../../src/nn/models/index.ts';
import type { Gpu } from '../../src/runtime/gpu.ts';
import { Philox, type PhiloxState } from '../../src/runtime/philox.ts';
import { completeRecipe, type Recipe } from '../../src/train/recipe.ts';
import { recipeTask } from '../../src/train/recipe_task.ts';
import { type StepPhase, trainingStep } from '../../src/train/training_step.ts';
import type { RunSetUp, Said, SetUp } from '../protocol.ts';
import { restoreSnapshot, Snapshots, takeSnapshot } from './snapshots.ts';

/** Epochs that a training on the page is laid out for: LDAM weights the classes in the last fifth of them. It may go on for longer. */
const EPOCHS = 50;

/** Steps between two looks of `diagnose`. */
const WATCHED_EVERY = 25;

/** The recipe of a run. Dropout is off: at the widths that a page trains at it only slows. */
export function recipeOf(setUp: SetUp, { loss, sampler }: RunSetUp): Recipe {
  const { model, width, optimizer, lr, batchSize, seed } = setUp;
  const drops = MODEL_DEFAULTS[model].dropout !== undefined;
  return completeRecipe({
    ...{ model, width, loss, sampler, optimizer, lr, batchSize, seed },
    ...{ epochs: EPOCHS, augmentation: 'none' },
    ...(drops && { dropout: 0 }),
  });
}

/** What a step came to. */
export interface StepResult {
  loss: number;
  /** Of the batch. */
  accuracy: number;
}

/** One training, done step by step. Its batches depend on seed and step alone, and what is random comes from a generator of its own: it can be rewound. */
export class Run {
  readonly recipe: Recipe;
  readonly task: ReturnType<typeof recipeTask>;
  readonly data: TrainingData;
  /** Steps done. */
  step = 0;
  /** Milliseconds on the device of each phase of the step that was timed last. */
  phases: { phase: string; ms: number }[] | undefined;
  #gpu: Gpu;
  #generator: PhiloxState;
  #snapshots = new Snapshots();
  #monitor: TrainingMonitor;

  constructor(gpu: Gpu, recipe: Recipe, data: TrainingData) {
    this.#gpu = gpu;
    this.recipe = recipe;
    this.data = data;
    gpu.generator = new Philox(recipe.seed).state();
    this.task = recipeTask(gpu, recipe, data);
    this.#generator = gpu.generator;
    this.task.model.train();
    this.#monitor = this.#newMonitor();
  }

  #newMonitor(): TrainingMonitor {
    const { model, optimizer, stepsPerEpoch } = this.task;
    return new TrainingMonitor(model, optimizer, { every: WATCHED_EVERY, stepsPerEpoch });
  }

  /** Runs work with the device's generator where this run has left it. */
  withGenerator<R>(work: () => R): R {
    this.#gpu.generator = this.#generator;
    const result = work();
    this.#generator = this.#gpu.generator;
    return result;
  }

  /** The images of the step that comes next. */
  nextBatch(): Uint32Array {
    const { sampler, batchSize, dropLast, stepsPerEpoch } = this.task;
    const order = sampler.epochOrder(this.epoch);
    const [indices] = orderedBatches(order, { batchSize, firstStep: this.step % stepsPerEpoch, dropLast });
    return indices;
  }

  get epoch(): number {
    return Math.floor(this.step / this.task.stepsPerEpoch);
  }

  /** Whether a snapshot is due before the next step. */
  get snapshotIsDue(): boolean {
    return this.#snapshots.isDue(this.step);
  }

  async snapshot(): Promise<void> {
    this.#snapshots.add(await takeSnapshot(this.task, this.step, this.#generator));
  }

  /** Sends one step to the device. The result comes when it is done. begins: told of each phase as it begins. */
  send(begins?: (phase: StepPhase) => void): Promise<StepResult> {
    const { task } = this;
    const indices = this.nextBatch();
    let result: Promise<StepResult> | undefined;
    task.criterion.setEpoch?.(this.epoch);
    this.withGenerator(() => {
      trainingStep(
        {
          ...task,
          watchStep: (step) => {
            const { loss, logits } = this.#monitor.step(step);
            const labels = Array.from(indices, (index) => task.source.labels[index]);
            result = Promise.all([loss.data(), logits.data()]).then(([[value], rows]) => ({
              loss: value,
              accuracy: shareRight(rows, labels),
            }));
          },
        },
        indices,
        this.epoch,
        undefined,
        begins,
      );
    });
    this.step++;
    return result as Promise<StepResult>;
  }

  /** The same under the profiler: notes how long each phase takes. */
  async sendTimed(): Promise<StepResult> {
    let result: Promise<StepResult> | undefined;
    const { dispatches } = await timedStep(this.#gpu, this.task.model, (begins) => {
      result = this.send(begins);
    });
    const sums = new Map<string, number>();
    for (const { phase, ms } of dispatches) sums.set(phase, (sums.get(phase) ?? 0) + ms);
    this.phases = [...sums].map(([phase, ms]) => ({ phase, ms }));
    return result as Promise<StepResult>;
  }

  /** Does the next step as `recordStep` does. */
  async recorded<R>(record: () => Promise<R>): Promise<R> {
    this.#gpu.generator = this.#generator;
    const result = await record();
    this.#generator = this.#gpu.generator;
    this.step++;
    return result;
  }

  /** Back to the state before a step; steps from the last snapshot on are done again. */
  async rewind(step: number): Promise<void> {
    const snapshot = this.#snapshots.before(step);
    restoreSnapshot(this.task, snapshot);
    this.#generator = { ...snapshot.generator };
    this.step = snapshot.step;
    void this.#monitor.finish();
    this.#monitor = this.#newMonitor();
    this.task.model.train();
    while (this.step < step) await this.send();
  }

  /** The weights were changed from outside: what was before cannot be gone back to. */
  async changed(): Promise<void> {
    this.#snapshots.clear();
    await this.snapshot();
  }

  /** What `diagnose` says of the training so far. */
  get said(): Said[] {
    return diagnose(this.#monitor.history).map((finding) => ({
      title: finding.title,
      level: finding.level,
      text: `${finding.evidence} ${finding.remedy}`,
    }));
  }

  /** The last sample of gradients and updates. */
  get sample() {
    return this.#monitor.history.samples.at(-1);
  }
}

/** logits: [B, C]. */
function shareRight(logits: Float32Array, labels: readonly number[]): number {
  const classes = logits.length / labels.length;
  let right = 0;
  for (const [i, label] of labels.entries()) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    let best = 0;
    for (let c = 1; c < classes; c++) if (row[c] > row[best]) best = c;
    if (best === label) right++;
  }
  return right / labels.length;
}
