// MNIST from the first weights to the test accuracy. The digits come with wgrad: 8,000 to train on and 2,000 to test.
import {
  Adam,
  BatchNorm2d,
  Conv2d,
  CrossEntropyLoss,
  Flatten,
  Linear,
  MaxPool2d,
  openDevice,
  Philox,
  Sequential,
} from 'wgrad';
import { BatchSource, loadDataset } from 'wgrad/data';
import { evaluate, train } from 'wgrad/train';

const EPOCHS = Number(process.argv[2] ?? 2);
const seed = 42;
const gpu = await openDevice({ seed });
const generator = new Philox(seed);

// Greyscale images, 28 × 28 × 1, as bytes on the device.
const dataset = await loadDataset('mnist');
const source = new BatchSource(gpu, dataset, dataset.train);
const test = new BatchSource(gpu, dataset, dataset.test);

const model = new Sequential(
  new Conv2d(gpu, 1, 16, 3, { padding: 1, generator }), // [N, 28, 28, 16]
  new BatchNorm2d(gpu, 16, { activation: 'relu' }),
  new MaxPool2d(2), // [N, 14, 14, 16]
  new Conv2d(gpu, 16, 32, 3, { padding: 1, generator }), // [N, 14, 14, 32]
  new BatchNorm2d(gpu, 32, { activation: 'relu' }),
  new MaxPool2d(2), // [N, 7, 7, 32]
  new Flatten(), // [N, 1568]
  new Linear(gpu, 1568, 10, { generator }), // [N, 10]: a logit for each digit
);

await train({
  ...{ gpu, model, source, seed },
  optimizer: new Adam(model.parameters(), { lr: 2e-3 }),
  criterion: new CrossEntropyLoss(),
  epochs: EPOCHS,
  batchSize: 64,
  augmentation: { cropPadding: 1 }, // moved by a pixel; digits are not flipped
  onProgress: ({ epoch, step, steps, loss, accuracy }) =>
    console.log(
      `epoch ${epoch}, step ${step} of ${steps}: loss ${loss.toFixed(3)}, accuracy ${(100 * accuracy).toFixed(1)} %`,
    ),
});

const { metrics } = await evaluate({ gpu, model, source: test, batchSize: 100 });
console.log(`Test accuracy: ${(100 * metrics.accuracy).toFixed(1)} % of ${metrics.samples} images.`);
gpu.close();
