import { readFileSync } from 'node:fs';
import { Adam, createModel, openDevice, sum, tensor } from '../src/node.ts';

/** Megabytes of the process that are in memory. Linux alone. */
export function residentMB(): number {
  const [, kB] = /VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kB) / 1024;
}

/** Has the garbage collector run, where --expose-gc lets it. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Opens a device, has it do one training step, and closes it. */
export async function trainOnOwnDevice(): Promise<void> {
  const gpu = await openDevice();
  const model = createModel(gpu, 'custom-cnn', { width: 1 / 8 });
  const adam = new Adam(model.parameters(), { lr: 1e-3 });
  gpu.scope(() => {
    sum(model.call(tensor(gpu, new Float32Array(4 * 3072), [4, 32, 32, 3]))).backward();
    adam.step();
  });
  await gpu.finish();
  gpu.close();
}
