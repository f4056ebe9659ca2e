// The most memory of a training in float32 and in half precision, weights, optimizer and all else included.
//
//   npm run bench:half -- [NETWORK [WIDTH [BATCH]]]     default: custom-cnn at width 1/8, 128 images of 32×32 in a step
import { fileURLToPath } from 'node:url';
import { BatchSource } from '../src/data/batch_source.ts';
import { CrossEntropyLoss } from '../src/nn/losses/cross_entropy.ts';
import { createModel, type ModelName } from '../src/nn/models/index.ts';
import { Adam } from '../src/nn/optimizers/adam.ts';
import { openDevice, Philox } from '../src/node.ts';
import { train } from '../src/train/trainer.ts';

const STEPS = 3;

/** Trains a network on random images for some steps, on a device of its own. Returns the most bytes in use. */
async function measure(net: ModelName, width: number, batchSize: number, precision: 'f32' | 'f16') {
  const gpu = await openDevice();
  try {
    const count = STEPS * batchSize;
    const generator = new Philox(1, 1);
    const split = {
      images: Uint8Array.from({ length: count * 32 * 32 * 3 }, () => generator.below(256)),
      labels: Uint8Array.from({ length: count }, (_, i) => i % 10),
    };
    const source = new BatchSource(
      gpu,
      {
        ...{
          name: 'cifar10',
          classNames: Array.from({ length: 10 }, (_, i) => `${i}`),
          height: 32,
          width: 32,
          channels: 3,
        },
        ...{ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], train: split, test: split, source: 'random' },
      },
      split,
    );
    const model = createModel(gpu, net, { width });
    await train({
      ...{ gpu, model, optimizer: new Adam(model.parameters()), criterion: new CrossEntropyLoss(), source, precision },
      ...{ epochs: 1, batchSize, seed: 1, augmentation: { cropPadding: 4, flip: 0.5 } },
    });
    return gpu.memory.peakBytes;
  } finally {
    gpu.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [net = 'custom-cnn', width = '0.125', batch = '128'] = process.argv.slice(2);
  const [whole, half] = [
    await measure(net as ModelName, Number(width), Number(batch), 'f32'),
    await measure(net as ModelName, Number(width), Number(batch), 'f16'),
  ];
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  console.log(
    `${net} width ${width}, batch ${batch}: ${mebibytes(whole)} MiB in float32, ${mebibytes(half)} MiB in half precision, ${(half / whole).toFixed(3)} of it`,
  );
}
