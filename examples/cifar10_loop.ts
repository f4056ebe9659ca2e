// CIFAR-10 with the training loop in sight: what `train` of wgrad/train does for you, step by step.
//
//   npm run example examples/cifar10_loop.ts            CIFAR-10, from WGRAD_DATA or the cache, else downloaded
//   npm run example examples/cifar10_loop.ts mnist 50   the digits that come with wgrad, 50 steps
import { Adam, CosineAnnealingLR, CrossEntropyLoss, CustomCNN, noGrad, openDevice, softmax } from 'wgrad';
import {
  BatchSource,
  type DatasetName,
  firstOfEachClass,
  loadDataset,
  orderedBatches,
  shuffledSampler,
} from 'wgrad/data';
import { evaluateClassification } from 'wgrad/metrics';

const data = (process.argv[2] ?? 'cifar10') as DatasetName;
const STEPS = Number(process.argv[3] ?? 400);
const batchSize = 32;
const seed = 42;
const gpu = await openDevice({ seed });

const dataset = await loadDataset(data, { form: { size: 32, channels: 3 } });
const source = new BatchSource(gpu, dataset, dataset.train);
const test = new BatchSource(gpu, dataset, dataset.test, firstOfEachClass(dataset.test.labels, 50));
const model = new CustomCNN(gpu, { width: 1 / 8, dropout: 0.1, seed });
const criterion = new CrossEntropyLoss();
const optimizer = new Adam(model.parameters(), { lr: 2e-3, weightDecay: 1e-4 });
const schedule = new CosineAnnealingLR(optimizer, { tMax: STEPS, per: 'step' });
const sampler = shuffledSampler({ labels: source.labels, seed });
const flip = data === 'cifar10' ? 0.5 : 0; // a mirrored digit is none

model.train();
let step = 0;
for (let epoch = 0; step < STEPS; epoch++) {
  for (const positions of orderedBatches(sampler.epochOrder(epoch), { batchSize })) {
    if (step === STEPS) break;
    step++;
    const watched = step % 50 === 0;
    // What is made inside a scope is freed when it ends, but for what it returns.
    const loss = await gpu.scope(async () => {
      const { images, labels } = source.augmented(positions, { cropPadding: 4, flip });
      optimizer.zeroGrad();
      const loss = criterion.call(model.call(images), labels);
      loss.backward();
      optimizer.step();
      // Reading waits for the GPU, so it is done now and then.
      return watched ? loss.item() : undefined;
    });
    schedule.step();
    if (loss !== undefined)
      console.log(
        `step ${step} of ${STEPS}: loss ${loss.toFixed(3)}, learning rate ${optimizer.groups[0].lr.toFixed(5)}`,
      );
  }
}

model.eval();
const probabilities = new Float32Array(test.count * test.classes);
const all = Uint32Array.from({ length: test.count }, (_, i) => i);
let done = 0;
for (const positions of orderedBatches(all, { batchSize: 100 })) {
  const rows = await gpu.scope(() => noGrad(() => softmax(model.call(test.plain(positions).images))).data());
  probabilities.set(rows, done * test.classes);
  done += positions.length;
}
const { accuracy, macro } = evaluateClassification({ targets: test.labels, probabilities, classes: test.classes });
console.log(
  `Test accuracy: ${(100 * accuracy).toFixed(1)} % of ${test.count} images of ${dataset.name}; macro F1 ${(100 * macro.f1).toFixed(1)} %.`,
);
gpu.close();
