// Trains and evaluates networks of one version of the engine, in a process of its own, for `bench/before.ts`. It takes what every version has: the package's main exports.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

/** A network and what is done with it. */
export interface StepWork {
  net: 'custom-cnn' | 'resnet18' | 'efficientnet-b0';
  width: number;
  batch: number;
  step: 'training' | 'evaluation';
}

/** What such a process is asked: to get ready, or to do so many steps. */
export type StepRequest = { prepare: StepWork } | { run: number };

/** What it answers. */
export interface StepTimes {
  adapter: string;
  /** Of all its steps, until the device is done. */
  ms: number;
  /** Time of its threads on the processors. */
  cpuMs: number;
}

const [, , , root] = process.argv;
const engine = (await import(pathToFileURL(`${root}/src/node.ts`).href)) as typeof import('../src/node.ts');
const { CrossEntropyLoss, createModel, indices, noGrad, openDevice, softmax, tensor, Adam } = engine;
const gpu = await openDevice();

/** Makes a step on images 32×32 that are always the same. */
function stepOf({ net, width, batch, step }: StepWork): () => void {
  const model = createModel(gpu, net, { width });
  const pixels = Float32Array.from({ length: batch * 32 * 32 * 3 }, (_, i) => Math.sin(i * 12.9898) * 1.7);
  const images = tensor(gpu, pixels, [batch, 32, 32, 3]);
  const labels = indices(
    gpu,
    Array.from({ length: batch }, (_, i) => i % 10),
  );
  if (step === 'evaluation') {
    model.eval();
    return () => gpu.scope(() => void noGrad(() => softmax(model.call(images))));
  }
  const optimizer = new Adam(model.parameters(), { weightDecay: 1e-4 });
  const criterion = new CrossEntropyLoss();
  return () =>
    gpu.scope(() => {
      optimizer.zeroGrad();
      criterion.call(model.call(images), labels).backward();
      optimizer.step();
    });
}

let step = () => {};
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as StepRequest;
  let steps = 3;
  if ('prepare' in request) step = stepOf(request.prepare);
  else steps = request.run;
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  for (let i = 0; i < steps; i++) {
    step();
    // Two steps ahead of the device at most.
    if (i % 2 === 1) await gpu.finish();
  }
  await gpu.finish();
  const { user, system } = process.cpuUsage(cpu);
  const adapter = gpu.adapter.description || gpu.adapter.device;
  const times: StepTimes = { adapter, ms: performance.now() - start, cpuMs: (user + system) / 1000 };
  if (!process.stdout.write(`${JSON.stringify(times)}\n`)) await once(process.stdout, 'drain');
}
process.exit();
