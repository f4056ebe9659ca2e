// Why imbalance hurts: the gradient that each class gives, measured before and in the course of a training.
import { CrossEntropyLoss, openDevice, SGD } from 'wgrad';
import { shuffledSampler } from 'wgrad/data';
import { evaluate, train } from 'wgrad/train';
import { classGradients, dot, longTailedDigits, norm, smallNetwork } from './shared/long_tail.ts';
import { figure, say } from './shared/page.ts';

const seed = 42;
const gpu = await openDevice({ seed });
const { source, test, counts } = await longTailedDigits(gpu);
const model = smallNetwork(gpu, seed);
const images = source.count;
say('images of each class', counts.join(', '));
say('images', images);
say('share of class 0', ((100 * counts[0]) / images).toFixed(1));
say('share of classes 7, 8 and 9', ((100 * (counts[7] + counts[8] + counts[9])) / images).toFixed(1));

const optimizer = new SGD(model.parameters(), { lr: 0.03, momentum: 0.9 });
const criterion = new CrossEntropyLoss();
const stages: { name: string; ofMean: number[]; share: number[]; cosine: number[]; recall: number[] }[] = [];
let done = 0;
for (const epochs of [0, 1, 10]) {
  const sampler = shuffledSampler({ labels: source.labels, seed: seed + done });
  const task = { gpu, model, source, seed, optimizer, criterion, sampler, batchSize: 32, augmentation: {} };
  if (epochs > done) await train({ ...task, epochs: epochs - done });
  done = epochs;
  const name = epochs === 0 ? 'first step' : `after epoch ${epochs}`;
  const parts = await classGradients(model, source, new CrossEntropyLoss({ reduction: 'none' }));
  const norms = parts.map(norm);
  const whole = parts.reduce((sum, part) => sum.map((value, i) => value + part[i]));
  const { metrics } = await evaluate({ gpu, model, source: test, batchSize: 200 });
  const stage = {
    name,
    ofMean: norms.map((value, c) => value / counts[c]),
    share: norms.map((value) => value / norms.reduce((sum, each) => sum + each)),
    // Below 0: a small step along the whole gradient makes the loss of this class larger.
    cosine: parts.map((part) => dot(whole, part) / (norm(whole) * norm(part))),
    recall: metrics.perClass.map((scores) => scores.recall),
  };
  stages.push(stage);
  const list = (values: readonly number[], digits: number) => values.map((value) => value.toFixed(digits)).join(', ');
  say(`${name}: length of the mean gradient`, list(stage.ofMean, 2));
  say(`${name}: share of the gradients`, list(stage.share, 3));
  say(`${name}: cosine with the whole`, list(stage.cosine, 2));
  if (epochs > 0) say(`${name}: recall`, list(stage.recall, 2));
}
gpu.close();

await figure((plots) => {
  const panel = (valueName: string, pick: (of: (typeof stages)[number]) => number[]) => ({
    ...{ title: valueName, categories: counts.map((count, c) => `${c} (${count})`), valueName },
    series: stages.map((stage) => ({ name: stage.name, values: pick(stage) })),
  });
  return plots.valueBars({
    ...{ name: '09_imbalance', title: 'The gradients of ten classes (in brackets: training images)' },
    panels: [panel('share of the gradients', ({ share }) => share), panel('cosine with the whole', (of) => of.cosine)],
  });
});
