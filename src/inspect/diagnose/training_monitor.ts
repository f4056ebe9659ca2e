import { isGradEnabled } from '../../autograd/tape.ts';
import { BatchNorm2d } from '../../nn/layers/batch_norm2d.ts';
import { Dropout } from '../../nn/layers/dropout.ts';
import type { Module } from '../../nn/module.ts';
import type { Optimizer } from '../../nn/optimizers/optimizer.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { LayerProbe } from './layer_probe.ts';
import { LossLog, type StepOutcome } from './loss_log.ts';
import { ParameterProbe } from './parameter_probe.ts';
import { Readings } from './readings.ts';
import type { StepSample, TrainingHistory } from './training_history.ts';

/** Steps that are watched besides each `every`-th: a training that goes wrong mostly does so at its beginning. */
const EARLY_STEPS: readonly number[] = [0, 1, 2, 3, 5, 10, 20];

/** Settings of a `TrainingMonitor`. */
export interface TrainingMonitorOptions {
  /** Steps from one watched step to the next; the first few are watched too. Default 50. */
  every?: number;
  /** Steps in which every image is seen once. Without it the images of all steps count as new ones. */
  stepsPerEpoch?: number;
  /** Told of each sample once it is read, some steps after its own. */
  onSample?: (history: TrainingHistory) => void;
}

/**
 * Watches a training from outside, for `diagnose`: every so many steps it measures activations, gradients, weights and updates on the device, through
 * hooks that are there for that step alone, and it notes the loss of every step. Nothing waits for the device, and the training's numbers stay the same bit
 * for bit.
 *
 *     const monitor = new TrainingMonitor(model, optimizer);
 *     for (const { images, labels } of batches) {
 *       monitor.step(() => {
 *         optimizer.zeroGrad();
 *         const logits = model.call(images);
 *         const loss = criterion.call(logits, labels);
 *         loss.backward();
 *         optimizer.step();
 *         return { loss, logits, labels };
 *       });
 *     }
 *     for (const finding of diagnose(await monitor.finish())) console.log(`${finding}`);
 */
export class TrainingMonitor {
  readonly #gpu: Gpu;
  readonly #model: Module;
  readonly #optimizer: Optimizer;
  readonly #onSample: TrainingMonitorOptions['onSample'];
  readonly #history: TrainingHistory;
  readonly #log: LossLog;
  readonly #stopWatching: () => void;
  #inStep = false;
  /** Samples are put into the history in the order of their steps. */
  #reading: Promise<void> = Promise.resolve();

  /** Throws RangeError for an `every` that is not a whole number of at least 1. */
  constructor(model: Module, optimizer: Optimizer, options: TrainingMonitorOptions = {}) {
    const { every = 50, stepsPerEpoch, onSample } = options;
    if (!Number.isSafeInteger(every) || every < 1) {
      throw new RangeError(`TrainingMonitor: every must be a whole number of at least 1, not ${every}.`);
    }
    const [parameter] = model.parameters();
    this.#gpu = parameter.gpu;
    this.#model = model;
    this.#optimizer = optimizer;
    this.#onSample = onSample;
    this.#log = new LossLog(this.#gpu, every);
    this.#history = {
      ...{ every, stepsPerEpoch, steps: 0, samples: [], windows: [], classCounts: [], evaluationsInTrainingMode: 0 },
      fromStart: optimizer.stateDict().scalars.steps.every((steps) => steps === 0),
    };
    this.#stopWatching = model.registerForwardHook(() => {
      if (!this.#inStep && !isGradEnabled() && dependsOnMode(model)) this.#history.evaluationsInTrainingMode++;
    });
  }

  /** What was seen so far. Samples arrive some steps after their own. */
  get history(): TrainingHistory {
    return this.#history;
  }

  /**
   * Does one step of the training, in a scope of its own: all of it, from forgetting the gradients to the update. `work` is called once and returns the
   * loss, and the logits and labels where there are any. Returns what it returned. Throws TypeError where that is a promise: a step waits for nothing.
   */
  step<O extends StepOutcome>(work: () => O): O {
    const step = this.#history.steps++;
    this.#inStep = true;
    try {
      return this.#gpu.scope(() => {
        if (EARLY_STEPS.includes(step) || step % this.#history.every === 0) return this.#sampled(step, work);
        const outcome = ofStep(work);
        this.#log.add(step, outcome);
        return outcome;
      });
    } finally {
      this.#inStep = false;
    }
  }

  /** Waits for all that was measured, gives the memory back and takes the last hook away. Returns the history. */
  async finish(): Promise<TrainingHistory> {
    this.#stopWatching();
    const readings = new Readings(this.#gpu);
    const window = this.#log.take(readings);
    if (window) this.#read(readings, (values) => void this.#history.windows.push(window(values, this.#counts)));
    this.#log.release();
    await this.#reading;
    return this.#history;
  }

  get #counts(): number[] {
    return this.#history.classCounts;
  }

  #sampled<O extends StepOutcome>(step: number, work: () => O): O {
    const gpu = this.#gpu;
    const readings = new Readings(gpu);
    const parameters = new ParameterProbe(gpu, this.#model, this.#optimizer, readings);
    let begun = false;
    const layers = new LayerProbe(this.#model, readings, () => {
      if (!begun) parameters.noteStaleGradients();
      begun = true;
    });
    const learningRates = this.#optimizer.groups.map(({ lr }) => lr);
    try {
      const outcome = layers.watch(() => ofStep(work));
      this.#log.add(step, outcome);
      parameters.measure(gpu);
      const window = this.#log.take(readings);
      this.#read(readings, (values) => {
        const sample: StepSample = { step, learningRates, ...layers.sample(values), ...parameters.sample(values) };
        this.#history.samples.push(sample);
        if (window) this.#history.windows.push(window(values, this.#counts));
        this.#onSample?.(this.#history);
      });
      return outcome;
    } finally {
      parameters.release();
      readings.release();
    }
  }

  #read(readings: Readings, use: (values: Float32Array) => void): void {
    const values = readings.read();
    this.#reading = this.#reading.then(async () => use(await values));
    // Whoever calls finish() hears of it.
    this.#reading.catch(() => {});
    values.catch(() => {});
  }
}

function ofStep<O extends StepOutcome>(work: () => O): O {
  const outcome = work();
  if (outcome instanceof Promise) {
    throw new TypeError('TrainingMonitor: a step returned a promise; wait for the device outside of it.');
  }
  return outcome;
}

/** Whether a part of a model that does otherwise in training is in training mode. */
function dependsOnMode(model: Module): boolean {
  return model
    .namedModules()
    .some(
      ([, module]) => module.training && (module instanceof BatchNorm2d || (module instanceof Dropout && module.p > 0)),
    );
}
