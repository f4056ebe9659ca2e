// What each remedy does to the gradients of the classes, at the first step, and to their recall after a short training.
import {
  BalancedSoftmaxLoss,
  ClassBalancedLoss,
  CrossEntropyLoss,
  classWeights,
  FocalLoss,
  type Loss,
  openDevice,
  type Reduction,
  SGD,
} from 'wgrad';
import { balancedSampler, shuffledSampler } from 'wgrad/data';
import { evaluate, train } from 'wgrad/train';
import { classGradients, dot, longTailedDigits, norm, smallNetwork } from './shared/long_tail.ts';
import { figure, say } from './shared/page.ts';

const gpu = await openDevice();
const { source, test, counts } = await longTailedDigits(gpu);
const weight = classWeights(counts, 'inverse');
const plain = (reduction: Reduction): Loss => new CrossEntropyLoss({ reduction });
const REMEDIES: Record<string, { loss: (reduction: Reduction) => Loss; balanced?: boolean }> = {
  none: { loss: plain },
  'focal loss': { loss: (reduction) => new FocalLoss({ gamma: 2, reduction }) },
  'class weights 1/n': { loss: (reduction) => new CrossEntropyLoss({ weight, reduction }) },
  'class-balanced focal': { loss: (reduction) => new ClassBalancedLoss(counts, { beta: 0.99, reduction }) },
  'balanced sampling': { loss: plain, balanced: true },
  'balanced softmax': { loss: (reduction) => new BalancedSoftmaxLoss(counts, { reduction }) },
};
const GROUPS = { 'classes 0 to 2': [0, 1, 2], 'classes 3 to 6': [3, 4, 5, 6], 'classes 7 to 9': [7, 8, 9] };
const SEEDS = [42, 43, 44];
const sumOf = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const inGroups = (values: readonly number[]) =>
  Object.values(GROUPS).map((group) => sumOf(group.map((c) => values[c])));

const found: { name: string; share: number[]; recall: number[] }[] = [];
for (const [name, { loss, balanced }] of Object.entries(REMEDIES)) {
  const samplerOf = (seed: number) => (balanced ? balancedSampler : shuffledSampler)({ ...source, seed });
  // The first step, over an epoch's draws.
  const positions = samplerOf(42).epochOrder(0);
  const gradients = await classGradients(smallNetwork(gpu, 42), source, loss('none'), positions);
  const norms = gradients.map(norm);
  const share = inGroups(norms.map((value) => value / sumOf(norms)));
  const whole = gradients.reduce((sum, part) => sum.map((value, i) => value + part[i]));
  const falls = gradients.filter((part) => dot(whole, part) > 0).length;
  say(`${name}: share of the gradients`, share.map((value) => value.toFixed(3)).join(', '));
  say(`${name}: classes whose loss falls in the first step`, falls);

  // A short training, three times.
  const recalls: number[][] = [];
  for (const seed of SEEDS) {
    const model = smallNetwork(gpu, seed);
    const optimizer = new SGD(model.parameters(), { lr: 0.03, momentum: 0.9 });
    const task = { gpu, model, source, seed, optimizer, criterion: loss('mean'), sampler: samplerOf(seed) };
    await train({ ...task, epochs: 4, batchSize: 32, augmentation: {} });
    const { metrics } = await evaluate({ gpu, model, source: test, batchSize: 200 });
    recalls.push(metrics.perClass.map(({ recall }) => recall ?? 0));
  }
  const recall = inGroups(counts.map((_, c) => sumOf(recalls.map((of) => of[c])) / SEEDS.length));
  found.push({ name, share, recall: recall.map((value, g) => value / Object.values(GROUPS)[g].length) });
  say(
    `${name}: recall`,
    found
      .at(-1)!
      .recall.map((value) => value.toFixed(2))
      .join(', '),
  );
  say(`${name}: accuracy`, (sumOf(recalls.flat()) / recalls.flat().length).toFixed(3));
}
gpu.close();

await figure((plots) => {
  const panel = (title: string, valueName: string, pick: (of: (typeof found)[number]) => number[]) => ({
    ...{ title, categories: found.map(({ name }) => name), valueName },
    format: (value: number) => value.toFixed(2),
    series: Object.keys(GROUPS).map((name, g) => ({ name, values: found.map((of) => pick(of)[g]) })),
  });
  return plots.valueBars({
    ...{ name: '10_remedies', title: 'Six trainings on the same long tail' },
    panels: [panel('First step', 'share of the gradients', (of) => of.share), panel('After four epochs', 'recall', (of) => of.recall)], // biome-ignore format: short
  });
});
