// The long tail of digits of pages 9 and 10: its images, its network, and the gradient that each class gives.
import { Conv2d, Flatten, type Gpu, Linear, type Loss, MaxPool2d, Philox, ReLU, Sequential, sum } from 'wgrad';
import { BatchSource, classMembers, loadDataset, longTail } from 'wgrad/data';

/** Digit 0 has 300 training images, digit 9 has three; 200 test images of each. */
export async function longTailedDigits(gpu: Gpu) {
  const dataset = await loadDataset('mnist');
  const { indices, counts } = longTail(dataset.train.labels, { classes: 10, max: 300, ratio: 100, seed: 42 });
  const source = new BatchSource(gpu, dataset, dataset.train, indices);
  return { source, counts, test: new BatchSource(gpu, dataset, dataset.test) };
}

/** Two convolutions and a linear layer, without batch norm: so the gradient of a batch is the sum of its images' gradients. */
export function smallNetwork(gpu: Gpu, seed: number): Sequential {
  const generator = new Philox(seed);
  return new Sequential(
    new Conv2d(gpu, 1, 8, 3, { padding: 1, generator }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(gpu, 8, 16, 3, { padding: 1, generator }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(gpu, 7 * 7 * 16, 10, { generator }),
  );
}

/**
 * The gradient of the losses of each class's images, added up: [classes], each over all parameters. `loss` gives [N].
 * positions: of the images, some perhaps several times.
 */
export async function classGradients(
  model: Sequential,
  source: BatchSource,
  loss: Loss,
  positions: Uint32Array = Uint32Array.from(source.labels.keys()),
): Promise<Float32Array[]> {
  const parameters = model.parameters();
  const labels = Array.from(positions, (position) => source.labels[position]);
  const gradients: Float32Array[] = [];
  for (const members of classMembers(labels, source.classes)) {
    const { images, labels } = source.plain(members.map((member) => positions[member]));
    for (const parameter of parameters) parameter.zeroGrad();
    sum(loss.call(model.call(images), labels)).backward();
    const parts = await Promise.all(parameters.map((parameter) => parameter.grad!.data()));
    gradients.push(Float32Array.from(parts.flatMap((part) => [...part])));
    for (const parameter of parameters) parameter.zeroGrad();
  }
  return gradients;
}

export const dot = (a: Float32Array, b: Float32Array): number => a.reduce((total, value, i) => total + value * b[i], 0);
export const norm = (a: Float32Array): number => Math.sqrt(dot(a, a));
