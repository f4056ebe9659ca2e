// One training step of each network on the adapter that the environment gives, for test_drivers.ts to compare: a program of its own, because a process
// loads its drivers once.
//
//   tsx training_steps.ts FILE [RUNG]     writes FILE (JSON): the adapter, and of each network the loss, the gradients and the weights after the step
import { writeFileSync } from 'node:fs';
import { createModel, type ModelName } from '../../src/nn/models/index.ts';
import { crossEntropy, indices, openDevice, SGD, type Tensor, tensor } from '../../src/node.ts';
import { Philox } from '../../src/runtime/philox.ts';
import type { RungName } from '../../src/runtime/rungs.ts';

export interface NetworkStep {
  loss: number;
  /** Each parameter's values as base64 of float32, by its name. */
  gradients: Record<string, string>;
  weights: Record<string, string>;
}

export interface Steps {
  adapter: string;
  networks: Record<string, NetworkStep>;
}

/** Every kind of network there is, narrow enough for a software driver; the deeper CIFAR ResNets are the same blocks again. */
const NETWORKS: readonly (readonly [ModelName, number])[] = [
  ['custom-cnn', 1 / 4],
  ['resnet20', 1],
  ['resnet18', 1 / 4],
  ['resnet34', 1 / 8],
  ['efficientnet-b0', 1 / 4],
];
const BATCH = 8;
const SIDE = 32;

const [file, rung] = process.argv.slice(2);
const gpu = await openDevice({ seed: 1, rung: rung as RungName | undefined });

const base64 = async (x: Tensor) => Buffer.from((await x.data()).buffer as ArrayBuffer).toString('base64');

async function step(name: ModelName, width: number): Promise<NetworkStep> {
  const random = new Philox(7, 1);
  const pixels = Float32Array.from({ length: BATCH * SIDE * SIDE * 3 }, () => 2 * random.uniform() - 1);
  gpu.generator = { ...gpu.generator, offset: 0 };
  const model = createModel(gpu, name, { width, seed: 3 });
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const result: NetworkStep = { loss: 0, gradients: {}, weights: {} };
  await gpu.scope(async () => {
    const images = tensor(gpu, pixels, [BATCH, SIDE, SIDE, 3]);
    const labels = indices(
      gpu,
      Array.from({ length: BATCH }, (_, i) => i),
    );
    const loss = crossEntropy(model.call(images), labels);
    result.loss = await loss.item();
    loss.backward();
    for (const [path, parameter] of model.namedParameters())
      if (parameter.grad) result.gradients[path] = await base64(parameter.grad);
    optimizer.step();
    for (const [path, parameter] of model.namedParameters()) result.weights[path] = await base64(parameter);
  });
  return result;
}

const steps: Steps = { adapter: gpu.adapter.description || gpu.adapter.device, networks: {} };
for (const [name, width] of NETWORKS) steps.networks[`${name}, width ${width}`] = await step(name, width);
writeFileSync(file, JSON.stringify(steps));
gpu.close();
