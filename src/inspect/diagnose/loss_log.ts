import type { Tensor } from '../../autograd/tensor.ts';
import type { DeviceArray, Gpu } from '../../runtime/gpu.ts';
import type { Readings } from './readings.ts';
import type { LossWindow } from './training_history.ts';

/** What a step gives to look at. logits: [N, C]; labels: [N], each from 0 to C − 1. Without these two, less can be said. */
export interface StepOutcome {
  /** [] */
  loss: Tensor;
  logits?: Tensor;
  labels?: Tensor<'u32'>;
}

/** Most logits that are kept of a step; the first images of a batch with more. */
const MOST_LOGITS = 4096;

interface Logged {
  step: number;
  rows: number;
}

/** The losses, logits and labels of the last steps, on the device until they are read: a step costs three copies and no dispatch. */
export class LossLog {
  readonly #gpu: Gpu;
  readonly #capacity: number;
  #losses: DeviceArray<'f32'> | undefined;
  #outputs: { logits: DeviceArray<'f32'>; labels: DeviceArray<'u32'>; rows: number; classes: number } | undefined;
  #steps: Logged[] = [];

  /** capacity: most steps from one reading to the next. */
  constructor(gpu: Gpu, capacity: number) {
    this.#gpu = gpu;
    this.#capacity = capacity;
  }

  add(step: number, { loss, logits, labels }: StepOutcome): void {
    const gpu = this.#gpu;
    const at = this.#steps.length;
    this.#losses ??= gpu.unscoped(() => gpu.alloc(this.#capacity, 'f32', 'lossLog'));
    gpu.copyRange(loss.buffer, 0, this.#losses, at, 1);
    this.#steps.push({ step, rows: logits && labels ? this.#addOutputs(at, logits, labels) : 0 });
  }

  /** Returns how many rows were taken: none where logits and labels do not fit each other or those before. */
  #addOutputs(at: number, { buffer, shape }: Tensor, labels: Tensor<'u32'>): number {
    const [count, classes] = shape;
    if (shape.length !== 2 || labels.size !== count || count === 0) return 0;
    const gpu = this.#gpu;
    if (this.#outputs === undefined) {
      const rows = Math.min(count, Math.max(1, Math.floor(MOST_LOGITS / classes)));
      this.#outputs = gpu.unscoped(() => ({
        logits: gpu.alloc(this.#capacity * rows * classes, 'f32', 'lossLog'),
        labels: gpu.alloc(this.#capacity * rows, 'u32', 'lossLog'),
        ...{ rows, classes },
      }));
    }
    const log = this.#outputs;
    if (log.classes !== classes) return 0;
    const rows = Math.min(count, log.rows);
    gpu.copyRange(buffer, 0, log.logits, at * log.rows * classes, rows * classes);
    gpu.copyRange(labels.buffer, 0, log.labels, at * log.rows, rows);
    return rows;
  }

  /** Adds all since the last time to the readings. Returns what makes a window of their values; undefined where there was no step. */
  take(readings: Readings): ((values: Float32Array, classCounts: number[]) => LossWindow) | undefined {
    const [steps, losses, log] = [this.#steps, this.#losses, this.#outputs];
    if (steps.length === 0 || losses === undefined) return undefined;
    this.#steps = [];
    const first = readings.add(losses, steps.length);
    const outputs = log && {
      logits: readings.add(log.logits, steps.length * log.rows * log.classes),
      labels: readings.add(log.labels, steps.length * log.rows),
      ...{ rows: log.rows, classes: log.classes },
    };
    return (values, classCounts) => {
      const window = windowOf(steps, values.subarray(first, first + steps.length));
      return outputs ? { ...window, ...outputsOf(steps, values, outputs, classCounts) } : window;
    };
  }

  /** Gives its memory back. */
  release(): void {
    this.#losses?.release();
    this.#outputs?.logits.release();
    this.#outputs?.labels.release();
  }
}

function windowOf(steps: readonly Logged[], losses: Float32Array): LossWindow {
  const finite = losses.filter(Number.isFinite);
  const bad = losses.findIndex((loss) => !Number.isFinite(loss));
  return {
    first: steps[0].step,
    last: steps[steps.length - 1].step,
    loss: finite.reduce((sum, loss) => sum + loss, 0) / finite.length,
    largestLoss: finite.reduce((most, loss) => Math.max(most, loss), Number.NEGATIVE_INFINITY),
    ...(bad >= 0 && { firstNonFinite: steps[bad].step }),
  };
}

/** Where the outputs of the steps are among the values. */
interface Outputs {
  logits: number;
  labels: number;
  /** Room for each step, in images. */
  rows: number;
  classes: number;
}

/** Cross-entropy, accuracy and alignment over the steps; counts the classes. */
function outputsOf(steps: readonly Logged[], values: Float32Array, at: Outputs, classCounts: number[]) {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let [images, crossEntropy, correct] = [0, 0, 0];
  const alignment = { sum: 0, squares: 0, batches: 0, images: 0 };
  for (const [s, { rows }] of steps.entries()) {
    const labels = bits.subarray(at.labels + s * at.rows, at.labels + s * at.rows + rows);
    const start = at.logits + s * at.rows * at.classes;
    const logits = values.subarray(start, start + rows * at.classes);
    if (labels.some((label) => label >= at.classes)) continue;
    for (const [row, label] of labels.entries()) {
      const own = logits.subarray(row * at.classes, (row + 1) * at.classes);
      const largest = own.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
      crossEntropy += largest + Math.log(own.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) - own[label];
      correct += Number(own.indexOf(largest) === label);
      classCounts[label] = (classCounts[label] ?? 0) + 1;
    }
    images += rows;
    const aligned = batchAlignment(logits, labels, at.classes);
    if (aligned === undefined) continue;
    alignment.sum += aligned;
    alignment.squares += aligned ** 2;
    alignment.batches++;
    alignment.images += rows;
  }
  return images === 0 ? {} : { crossEntropy: crossEntropy / images, accuracy: correct / images, alignment };
}

/** See `LossWindow.alignment`; undefined for a batch that says nothing, of one class or with equal logits. */
function batchAlignment(logits: Float32Array, labels: Uint32Array, classes: number): number | undefined {
  const rows = labels.length;
  const means = new Float64Array(classes);
  for (let i = 0; i < logits.length; i++) means[i % classes] += logits[i] / rows;
  const differences = Array.from(labels, (label, row) => logits[row * classes + label] - means[label]);
  const spread = Math.sqrt(differences.reduce((sum, one) => sum + one ** 2, 0) / rows);
  if (!(spread > 0) || labels.every((label) => label === labels[0])) return undefined;
  return differences.reduce((sum, one) => sum + one, 0) / rows / spread;
}
