import { softmax } from '../src/autograd/ops/softmax.ts';
import { noGrad } from '../src/autograd/tape.ts';
import { BatchSource } from '../src/data/batch_source.ts';
import { createAugmentation } from '../src/data/index.ts';
import { RunningMetrics } from '../src/kernels/running_metrics.ts';
import { formatTable } from '../src/lab/terminal/text_table.ts';
import { CrossEntropyLoss } from '../src/nn/losses/cross_entropy.ts';
import { createModel, type ModelName } from '../src/nn/models/index.ts';
import { Adam } from '../src/nn/optimizers/adam.ts';
import type { Dispatch, Gpu } from '../src/runtime/gpu.ts';
import type { Memory } from '../src/runtime/memory_pool.ts';
import { trainingStep } from '../src/train/training_step.ts';
import { noiseImages } from './noise_images.ts';

/** What is sent to the device. The same on every run; kernels that are chosen by the adapter may differ by it. */
export interface Sent {
  dispatches: number;
  /** Dispatches that must wait for one before them, as they read what it writes, or write what it reads or writes. */
  barriers: number;
  /** Of the arrays of each dispatch, each counted once, unless the kernel states what it moves. */
  bytes: number;
}

/** What one step of a network sends. */
export interface DispatchRow {
  net: ModelName;
  width: number;
  batch: number;
  step: 'training' | 'evaluation';
  sent: Sent;
}

/** Each network at a width at which the dispatches count. */
export const COUNTED: readonly Pick<DispatchRow, 'net' | 'width' | 'batch'>[] = [
  { net: 'custom-cnn', width: 1 / 8, batch: 16 },
  { net: 'resnet18', width: 1 / 8, batch: 16 },
  { net: 'resnet34', width: 1 / 8, batch: 16 },
  { net: 'resnet20', width: 1, batch: 16 },
  { net: 'resnet32', width: 1, batch: 16 },
  { net: 'resnet44', width: 1, batch: 16 },
  { net: 'resnet56', width: 1, batch: 16 },
  { net: 'resnet110', width: 1, batch: 16 },
  { net: 'efficientnet-b0', width: 1 / 4, batch: 32 },
];

/** Watches what a function sends to the device. */
export function sentBy(gpu: Gpu, work: () => void): Sent {
  const sent: Sent = { dispatches: 0, barriers: 0, bytes: 0 };
  // Since the last barrier.
  const read = new Set<Memory>();
  const written = new Set<Memory>();
  const original = gpu.dispatch;
  gpu.dispatch = (shader: string, call: Dispatch) => {
    original.call(gpu, shader, call);
    const bindings = gpu.shader(shader).bindings.map(({ name, access }) => ({ array: call.arrays[name]![0], access }));
    const waits = bindings.some(
      ({ array: { memory }, access }) => written.has(memory) || (access !== 'read' && read.has(memory)),
    );
    if (waits) {
      sent.barriers++;
      read.clear();
      written.clear();
    }
    const arrays = new Map(bindings.map(({ array }) => [array.memory, array.bytes]));
    for (const { array, access } of bindings) (access === 'read' ? read : written).add(array.memory);
    sent.dispatches++;
    sent.bytes += call.bytes ?? [...arrays.values()].reduce((sum, bytes) => sum + bytes, 0);
  };
  try {
    work();
  } finally {
    gpu.dispatch = original;
  }
  return sent;
}

/** What a training step (batch, augmentation, loss, metrics, Adam) and a step of evaluation send, once all is compiled. */
export async function countDispatches(
  gpu: Gpu,
  { net, width, batch }: Pick<DispatchRow, 'net' | 'width' | 'batch'>,
): Promise<DispatchRow[]> {
  return gpu.scope(async () => {
    const dataset = noiseImages(batch);
    const source = new BatchSource(gpu, dataset, dataset.train);
    const model = createModel(gpu, net, { width });
    const augmentation = createAugmentation('lab', { counts: new Array<number>(10).fill(1) });
    const criterion = new CrossEntropyLoss();
    const optimizer = new Adam(model.parameters(), { weightDecay: 1e-4 });
    const metrics = new RunningMetrics(gpu);
    const indices = Uint32Array.from({ length: batch }, (_, i) => i);
    const task = { gpu, model, optimizer, criterion, source, augmentation, batchSize: batch, epochs: 1, seed: 1 };
    const train = () => trainingStep(task, indices, 0, metrics);
    const evaluate = () => gpu.scope(() => void noGrad(() => softmax(model.call(source.plain(indices).images))));
    const rows: DispatchRow[] = [];
    for (const [step, work] of [
      ['training', train],
      ['evaluation', evaluate],
    ] as const) {
      if (step === 'evaluation') model.eval();
      // The first one compiles kernels and makes what is made once.
      work();
      rows.push({ net, width, batch, step, sent: sentBy(gpu, work) });
      await gpu.finish();
    }
    return rows;
  });
}

/** The rows as a table. */
export function dispatchTable(rows: readonly DispatchRow[]): string {
  return formatTable(
    ['network', 'batch', 'step', 'dispatches', 'barriers', 'MB moved'],
    rows.map(({ net, width, batch, step, sent: { dispatches, barriers, bytes } }) => [
      ...[`${net} width ${width}`, batch, step, dispatches, barriers],
      (bytes / 1e6).toFixed(1),
    ]),
  );
}
