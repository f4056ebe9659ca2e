import { type Shape, sizeOf } from '../src/autograd/tensor.ts';
import { networkTraining } from '../src/inspect/benchmark/network_training.ts';
import { BatchNorm2d } from '../src/nn/layers/batch_norm2d.ts';
import { Conv2d } from '../src/nn/layers/conv2d.ts';
import { Linear } from '../src/nn/layers/linear.ts';
import { MaxPool2d } from '../src/nn/layers/max_pool2d.ts';
import type { Module } from '../src/nn/module.ts';
import type { Gpu } from '../src/runtime/gpu.ts';

/** Bytes that a training step cannot do without, and the most that it took. */
export interface MemoryRow {
  shape: string;
  parameters: number;
  gradients: number;
  /** What the optimizer keeps. */
  optimizer: number;
  /** What the backward pass reads of the forward pass. */
  activations: number;
  /** Of the four. */
  total: number;
  peak: number;
  /** peak / total. */
  ratio: number;
}

/** Layers whose backward pass reads their input. */
const READ_THEIR_INPUT = [Conv2d, BatchNorm2d, Linear];

/**
 * Bytes of the activations that the backward pass of a network of these layers reads, each once: float32 inputs, and for max pooling a byte for each
 * output that says which element won.
 */
export function activationBytes(model: Module, input: Shape): number {
  let bytes = 0;
  const remove = model.namedModules().map(([, module]) => {
    const reads = READ_THEIR_INPUT.some((kind) => module instanceof kind);
    return module.registerShapeHook((_module, from, to) => {
      bytes += (reads ? 4 * sizeOf(from) : 0) + (module instanceof MaxPool2d ? sizeOf(to) : 0);
    });
  });
  model.inferShape(input);
  for (const undo of remove) undo();
  return bytes;
}

/** The most bytes of a step of CustomCNN with Adam, once it runs steadily, beside the arithmetic. */
export async function measureMemory(gpu: Gpu, batch: number, width: number): Promise<MemoryRow> {
  return gpu.scope(async () => {
    const { step, model, optimizer } = networkTraining(gpu, batch, width);
    gpu.scope(step);
    await gpu.finish();
    gpu.resetPeakBytes();
    gpu.scope(step);
    await gpu.finish();
    const peak = gpu.memory.peakBytes;
    const parameters = bytesOf(model.parameters());
    const parts = {
      parameters,
      gradients: parameters,
      optimizer: bytesOf([...optimizer.stateDict().tensors.values()]),
      activations: activationBytes(model, [batch, 32, 32, 3]),
    };
    const total = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
    return { shape: `CustomCNN width ${width}, batch ${batch}`, ...parts, total, peak, ratio: peak / total };
  });
}

function bytesOf(tensors: readonly { size: number }[]): number {
  return tensors.reduce((sum, { size }) => sum + 4 * size, 0);
}

/** The row as a sentence. */
export function describeMemory({
  shape,
  parameters,
  gradients,
  optimizer,
  activations,
  total,
  peak,
  ratio,
}: MemoryRow): string {
  const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
  return `Memory, ${shape}: at most ${mb(peak)} MB = ${ratio.toFixed(2)} × ${mb(total)} MB (parameters ${mb(parameters)} + gradients ${mb(
    gradients,
  )} + optimizer ${mb(optimizer)} + activations ${mb(activations)}).`;
}
