// Softmax, cross-entropy, focal loss and class-balanced weights: values and gradients by hand and by the device.
import {
  ClassBalancedLoss,
  CrossEntropyLoss,
  classWeights,
  FocalLoss,
  indices,
  type Loss,
  openDevice,
  tensor,
} from 'wgrad';
import { figure, largestDifference, say } from './shared/page.ts';

const logits = [2, 1, -1];
const label = 1;
const exponentials = logits.map(Math.exp);
const p = exponentials.map((value) => value / exponentials.reduce((sum, each) => sum + each, 0));
say('softmax', p.map((value) => value.toFixed(3)).join(', '));
say('cross-entropy', -Math.log(p[label]));

// p − y for cross-entropy; for focal loss the same times a factor that depends on the label's probability alone.
const focalFactor = (q: number, gamma: number) => (1 - q) ** gamma - gamma * q * (1 - q) ** (gamma - 1) * Math.log(q);
const gradient = (factor: number) => p.map((value, c) => factor * (value - (c === label ? 1 : 0)));
say('gradient of cross-entropy', gradient(1).map((value) => value.toFixed(3)).join(', ')); // biome-ignore format: short
say('focal factor at this p', focalFactor(p[label], 2));

const counts = [500, 50, 5];
const gpu = await openDevice();
async function onDevice(loss: Loss): Promise<{ value: number; grad: Float32Array }> {
  const x = tensor(gpu, logits, [1, 3], { requiresGrad: true });
  const y = loss.call(x, indices(gpu, [label]));
  y.backward();
  return { value: await y.item(), grad: await x.grad!.data() };
}
const crossEntropy = await onDevice(new CrossEntropyLoss());
const focal = await onDevice(new FocalLoss({ gamma: 2 }));
const balanced = await onDevice(new ClassBalancedLoss(counts, { beta: 0.99 }));
const weights = classWeights(counts, 'effective-number', { beta: 0.99 });
say('focal loss', focal.value);
const agree = [
  largestDifference(crossEntropy.grad, gradient(1)),
  largestDifference(focal.grad, gradient(focalFactor(p[label], 2))),
  largestDifference(balanced.grad, gradient(weights[label] * focalFactor(p[label], 2))),
];
say('all three gradients agree to 1e-6', String(Math.max(...agree) < 1e-6));
gpu.close();

// What focal loss leaves of cross-entropy's gradient.
for (const q of [0.1, 0.5, 0.9, 0.99]) say(`focal factor at p = ${q}`, focalFactor(q, 2).toFixed(4));

// The effective number of n images, (1 − βⁿ) / (1 − β), and the weights 1 / that, scaled to add up to 3.
for (const beta of [0, 0.9, 0.99, 0.999]) {
  const effective = counts.map((n) => (1 - beta ** n) / (1 - beta));
  say(`β = ${beta}: effective numbers`, effective.map((value) => value.toFixed(1)).join(', '));
  const scaled = classWeights(counts, 'effective-number', { beta });
  say(`β = ${beta}: weights`, scaled.map((value) => value.toFixed(3)).join(', '));
}
say('weights by 1/n', classWeights(counts, 'inverse').map((value) => value.toFixed(3)).join(', ')); // biome-ignore format: short

await figure((plots) => {
  const probabilities = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
  const lines = (f: (q: number, gamma: number) => number) =>
    [0, 1, 2, 5].map((gamma) => ({
      name: gamma === 0 ? 'cross-entropy' : `focal, γ = ${gamma}`,
      points: probabilities.map((q) => [q, f(q, gamma)] as const),
    }));
  const xName = 'probability of the label';
  return plots.linePlot({
    name: '07_losses',
    title: 'What a sample counts for, by how sure the network already is of its label',
    panels: [
      { title: 'Loss', xName, yName: 'loss', lines: lines((q, gamma) => -((1 - q) ** gamma) * Math.log(q)) },
      {
        title: 'Gradient',
        xName,
        yName: '|dL/dx[label]|',
        lines: lines((q, gamma) => (1 - q) * focalFactor(q, gamma)),
      },
    ],
  });
});
