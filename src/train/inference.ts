import { noGrad } from '../autograd/tape.ts';
import type { Tensor } from '../autograd/tensor.ts';
import type { BatchSource } from '../data/batch_source.ts';
import { orderedBatches } from '../data/ordered_batches.ts';
import type { Module } from '../nn/module.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { FlowControl } from './flow_control.ts';

/** A model and the images it is to see. */
export interface InferenceTask {
  gpu: Gpu;
  model: Module;
  source: BatchSource;
  batchSize: number;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Runs a function with the model in evaluation mode and puts each of its modules back into the mode it was in. */
export async function inEvaluationMode<R>(model: Module, work: () => Promise<R>): Promise<R> {
  const modes = model.namedModules().map(([, module]) => [module, module.training] as const);
  model.eval();
  try {
    return await work();
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
}

/**
 * What `compute` makes of the images at these positions of the source (all of them by default), in their order, with the model in
 * evaluation mode and nothing recorded. Batches are read back while later ones are computed.
 *
 * compute: [B, H, W, C] → [B, columns], one row for each image.
 * @returns values [N, columns]
 * @throws the signal's reason where it is aborted.
 */
export function inferRows(
  { gpu, model, source, batchSize, onProgress, signal }: InferenceTask,
  compute: (images: Tensor) => Tensor,
  positions?: Uint32Array,
): Promise<{ values: Float32Array; columns: number }> {
  return inEvaluationMode(model, async () => {
    const order = positions ?? Uint32Array.from({ length: source.count }, (_, position) => position);
    const count = order.length;
    let values = new Float32Array(0);
    let columns = 0;
    const flow = new FlowControl(gpu);
    const reads: Promise<void>[] = [];
    let done = 0;
    try {
      for (const indices of orderedBatches(order, { batchSize })) {
        signal?.throwIfAborted();
        const first = done;
        const result = gpu.scope(() => noGrad(() => compute(source.plain(indices).images)));
        if (first === 0) {
          columns = result.shape[1];
          values = new Float32Array(count * columns);
        }
        reads.push(
          result.data().then((rows) => {
            values.set(rows, first * columns);
            result.buffer.release();
          }),
        );
        done += indices.length;
        await flow.step();
        onProgress?.(done, count);
      }
    } finally {
      // Also on the way out by an error: a read that fails later would fail unheard.
      await Promise.allSettled(reads);
    }
    await Promise.all(reads);
    return { values, columns };
  });
}
