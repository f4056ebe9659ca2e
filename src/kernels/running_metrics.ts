import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';

/** Sums over the batches so far. */
export interface RunningSums {
  /** Mean loss of each batch times its samples. */
  loss: number;
  /** Samples whose largest logit is their label's. */
  correct: number;
  count: number;
}

/** The sums. firstBad: the number of the first batch since `set`, from 0, whose loss was NaN or infinite; undefined where there was none. */
export interface RunningReport extends RunningSums {
  firstBad: number | undefined;
}

/** Adds up loss and right predictions on the device, so that a training reads them only when somebody looks. */
export class RunningMetrics {
  #total: DeviceArray<'f32'>;

  readonly #tolerant: boolean;

  /** tolerant: to leave a batch out whose loss is not finite, as a step is that half precision has no room for. Default false. */
  constructor(gpu: Gpu, { tolerant = false }: { tolerant?: boolean } = {}) {
    this.#tolerant = tolerant;
    this.#total = gpu.unscoped(() => gpu.upload(Float32Array.of(0, 0, 0, 0, -1), 'runningMetrics'));
  }

  /** The sums on the device, as `running_metrics.wgsl` has them: [5]. */
  get sums(): DeviceArray<'f32'> {
    return this.#total;
  }

  /** Starts from these sums. */
  set({ loss, correct, count }: RunningSums): void {
    this.#total.gpu.write(this.#total, Float32Array.of(loss, correct, count, 0, -1));
  }

  /** Adds a batch. loss: [1], its mean loss. logits: [B, C]. labels: [B]. */
  add(loss: DeviceArray<'f32'>, logits: DeviceArray<'f32'>, labels: DeviceArray<'u32'>): void {
    const rows = labels.length;
    const classes = logits.length / rows;
    dispatch(this.#total.gpu, 'running_metrics', {
      operation: 'runningMetrics',
      arrays: { loss: [loss, 1], logits: [logits, rows * classes], labels: [labels, rows], total: [this.#total, 5] },
      params: { rows, classes, tolerant: Number(this.#tolerant) },
      workgroups: [1],
      flops: rows * classes + 5,
    });
  }

  /** Waits for the device and reads the sums. */
  async read(): Promise<RunningReport> {
    const [loss, correct, count, , bad] = await this.#total.read();
    return { loss, correct, count, firstBad: bad < 0 ? undefined : bad };
  }
}
