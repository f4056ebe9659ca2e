import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { softmax } from '../../src/autograd/ops/softmax.ts';
import { noGrad } from '../../src/autograd/tape.ts';
import { createAugmentation } from '../../src/data/augmentation/index.ts';
import { BatchSource } from '../../src/data/batch_source.ts';
import type { ImageDataset } from '../../src/data/image_dataset.ts';
import { adaptiveAvgPool } from '../../src/kernels/avg_pool.ts';
import { batchNormApply, batchNormStatistics } from '../../src/kernels/batch_norm.ts';
import { reduceSum } from '../../src/kernels/broadcast.ts';
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from '../../src/kernels/conv2d.ts';
import { copy, fill, relu } from '../../src/kernels/elementwise.ts';
import { groupedConv2d } from '../../src/kernels/grouped_conv2d.ts';
import { indexSelect } from '../../src/kernels/index_select.ts';
import { adamStep } from '../../src/kernels/optimizer.ts';
import { RunningMetrics } from '../../src/kernels/running_metrics.ts';
import { CrossEntropyLoss } from '../../src/nn/losses/cross_entropy.ts';
import { createModel, type ModelName } from '../../src/nn/models/index.ts';
import { Adam } from '../../src/nn/optimizers/adam.ts';
import { summarize } from '../../src/nn/summary.ts';
import { type Gpu, openNullDevice } from '../../src/node.ts';
import { trainingStep } from '../../src/train/training_step.ts';

// What dispatches state needs no driver: on Dawn's null backend they are encoded and not run.
let gpu: Gpu;
beforeAll(async () => {
  gpu = await openNullDevice();
});
afterAll(() => gpu.close());

/** The dispatches of what a function does. */
async function dispatchesOf(work: () => unknown) {
  await gpu.finish();
  const profiler = gpu.startProfiler();
  await work();
  const found = await profiler.dispatches();
  gpu.stopProfiler();
  await profiler.close();
  return found;
}

/** Operations and bytes that the last dispatch of a function states. */
async function stated(work: () => void): Promise<{ flops: number | undefined; bytes: number }> {
  const { flops, bytes } = (await dispatchesOf(() => gpu.scope(work))).at(-1)!;
  return { flops, bytes };
}

describe('the floating-point operations of a dispatch', () => {
  it('are stated wherever the engine dispatches', () => {
    const src = new URL('../../src/', import.meta.url);
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    // `dispatch` of this file takes no call without them.
    const callers = files.filter((file) => /gpu\.dispatch\(/.test(readFileSync(new URL(file, src), 'utf8')));
    // Exercises run the learner's kernels.
    expect(callers.filter((file) => !file.startsWith('learn/'))).toEqual(['kernels/dispatch.ts']);
  });

  it.each<[ModelName, number]>([
    ['custom-cnn', 1 / 4],
    ['resnet20', 1],
    ['efficientnet-b0', 1 / 4],
  ])('are known of every dispatch of a training and an evaluation of %s', async (name, width) => {
    const batch = 4;
    const labels = Uint8Array.from({ length: batch }, (_, i) => i);
    const split = { images: new Uint8Array(batch * 32 * 32 * 3), labels };
    const dataset: ImageDataset = {
      ...{ name: 'cifar10', classNames: Array.from('abcdefghij'), height: 32, width: 32, channels: 3 },
      ...{ train: split, test: split, mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2], source: 'made for a test' },
    };
    const model = createModel(gpu, name, { width, stochasticDepth: 0 });
    const source = new BatchSource(gpu, dataset, split);
    const counts = new Array<number>(10).fill(1);
    const optimizer = new Adam(model.parameters(), { weightDecay: 1e-4 });
    const task = { gpu, model, optimizer, criterion: new CrossEntropyLoss(), source };
    const rest = { epochs: 1, batchSize: batch, seed: 1, clipNorm: 1 };
    const metrics = new RunningMetrics(gpu);
    const positions = Uint32Array.of(0, 1, 2, 3);
    const step = (augmentation: 'lab' | 'class-specific' | 'mixup' | 'cutmix') =>
      dispatchesOf(() => {
        const options = { ...task, ...rest, augmentation: createAugmentation(augmentation, { counts }) };
        trainingStep(options, positions, 0, metrics);
      });
    // What `evaluate` does on the device; what it would read from this one is anything.
    const evaluation = () => {
      model.eval();
      gpu.scope(() => noGrad(() => void softmax(model.call(source.plain(positions).images))));
    };
    const plain = await step('lab');
    const all = [
      ...plain,
      ...(await step('class-specific')),
      ...(await step('mixup')),
      ...(await step('cutmix')),
      ...(await dispatchesOf(evaluation)),
    ];
    expect(all.length).toBeGreaterThan(4 * 60);
    expect(all.filter(({ flops }) => flops === undefined)).toEqual([]);
    expect(all.every(({ flops, bytes }) => flops! >= 0 && Number.isInteger(flops) && bytes > 0)).toBe(true);
    for (const operation of ['imageBatch', 'runningMetrics', 'adam', 'clipNorm', 'mixup', 'cutmix', 'softmax']) {
      expect(all.map((dispatch) => dispatch.operation)).toContain(operation);
    }
    // Layers count their own, without a look at the kernels.
    const ofLayers = batch * summarize(model, [1, 32, 32, 3]).totals.flops;
    const convolutions = ['conv2d', 'depthwiseConv2d', 'groupedConv2d'];
    const forward = plain.filter(({ operation }) => convolutions.includes(operation));
    const ofConvolutions = forward.reduce((sum, { flops }) => sum + flops!, 0);
    expect(ofConvolutions).toBeLessThan(ofLayers);
    expect(ofConvolutions).toBeGreaterThan(0.9 * ofLayers);
  });

  it('are those of the sums that a convolution takes, each of its passes alike', async () => {
    const s = {
      ...{ n: 2, h: 7, w: 9, ci: 4, co: 8, kh: 3, kw: 2, strideH: 2, strideW: 1, padH: 1, padW: 0 },
      ...{ dilationH: 1, dilationW: 1, oh: 4, ow: 8 },
    };
    // One by one, what falls on the padding included.
    const sum = (groups: number) => {
      let count = 0;
      for (let output = 0; output < s.n * s.oh * s.ow * s.co; output++) {
        for (let tap = 0; tap < s.kh * s.kw; tap++) for (let c = 0; c < s.ci / groups; c++) count += 2;
      }
      return count;
    };
    const [x, y] = [s.n * s.h * s.w * s.ci, s.n * s.oh * s.ow * s.co];
    const [input, output] = [fill(gpu, x, 1), fill(gpu, y, 1)];
    const weight = (groups: number) => fill(gpu, (s.kh * s.kw * s.ci * s.co) / groups, 1);
    expect((await stated(() => conv2d(input, weight(1), undefined, s))).flops).toBe(sum(1));
    expect((await stated(() => conv2dInputGrad(output, weight(1), s))).flops).toBe(sum(1));
    const ofWeight = await dispatchesOf(() => gpu.scope(() => void conv2dWeightGrad(input, output, s)));
    expect(ofWeight[0].flops).toBe(sum(1));
    const grouped = { ...s, groups: 2 };
    expect((await stated(() => groupedConv2d(input, weight(2), undefined, grouped))).flops).toBe(sum(2));
  });

  it('are those of the formula at the top of the shader', async () => {
    const [rows, channels] = [6, 8];
    const count = rows * channels;
    const [x, ofChannels] = [fill(gpu, count, 1), fill(gpu, channels, 1)];
    const flops = async (work: () => void) => (await stated(work)).flops;

    expect(await flops(() => copy(x))).toBe(0);
    expect(await flops(() => relu(x))).toBe(count); // the comparison with 0

    const statistics = { mean: ofChannels, invstd: ofChannels };
    const apply = (activation?: 'relu' | 'silu') =>
      flops(() => batchNormApply(x, statistics, ofChannels, ofChannels, { rows, channels, activation }));
    expect(await apply()).toBe(3 * count); // − mean, · factor, + bias
    expect(await apply('relu')).toBe(4 * count);
    expect(await apply('silu')).toBe(7 * count); // e^, 1 +, ÷, ·
    const statisticsOf = async (many: number) => {
      const wide = fill(gpu, many * channels, 1);
      const [, , ...sent] = await dispatchesOf(() =>
        gpu.scope(() => {
          const shape = { rows: many, channels, eps: 1e-5, momentum: 0.1 };
          batchNormStatistics(wide, fill(gpu, channels, 0), fill(gpu, channels, 1), shape);
        }),
      );
      return sent.map(({ flops = 0 }) => flops);
    };
    // − shift, Σ, ·, Σ; mean and Σ of squares of each slice; 4 of invstd, 3 of the running mean, 4 of the running variance: at once of one slice.
    expect(await statisticsOf(rows)).toEqual([4 * count + (5 + 11) * channels]);
    const [found, merged] = await statisticsOf(70_000);
    const slices = (found - 4 * 70_000 * channels) / (5 * channels);
    expect(slices).toBeGreaterThan(1);
    expect(merged).toBe(11 * slices * channels);

    // p·shrink; g + decay·p; β₁m + (1 − β₁)g; β₂v + (1 − β₂)g·g; p − step·m / (√v / root + ε)
    const perParameter = 1 + 2 + 3 + 4 + 6;
    const [grad, moment1, moment2] = [fill(gpu, count, 0), fill(gpu, count, 0), fill(gpu, count, 0)];
    const slot = { parameter: x, grad, moment1, moment2 };
    const hyper = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, decoupled: false, stepsDone: 1 };
    const adam = await stated(() => adamStep([slot], hyper));
    expect(adam).toEqual({ flops: perParameter * count, bytes: 4 * (4 + 3) * count }); // reads four arrays, writes three

    expect(await flops(() => reduceSum(x, { outer: 1, repeat: rows, inner: channels }))).toBe(count);
  });

  it('of an adaptive pool are those of its windows, which overlap where they must', async () => {
    for (const [h, w, oh, ow] of [
      [7, 6, 3, 4],
      [2, 3, 5, 3],
      [8, 8, 4, 1],
    ]) {
      const s = { n: 2, h, w, c: 3, oh, ow };
      // PyTorch's definition: from ⌊i · size / windows⌋ to before ⌈(i + 1) · size / windows⌉.
      const extent = (i: number, size: number, windows: number) =>
        Math.ceil(((i + 1) * size) / windows) - Math.floor((i * size) / windows);
      let sum = 0;
      for (let i = 0; i < oh; i++) for (let j = 0; j < ow; j++) sum += extent(i, h, oh) * extent(j, w, ow) + 1;
      const x = fill(gpu, s.n * h * w * s.c, 1);
      expect((await stated(() => adaptiveAvgPool(x, s))).flops).toBe(s.n * s.c * sum);
    }
  });
});

describe('the bytes of a dispatch', () => {
  it('are those it reads, of an array of which it takes a part', async () => {
    const x = fill(gpu, 1000 * 4, 1);
    const index = gpu.upload(Uint32Array.of(3, 900), 'test');
    const { bytes } = await stated(() => indexSelect(x, index, { outer: 1, rows: 1000, inner: 4 }));
    expect(bytes).toBe(4 * (2 + 2 * 4 + 2 * 4));
  });

  it('of a convolution whose stride is beyond its kernel leave out the pixels between', async () => {
    const s = {
      ...{ n: 1, h: 8, w: 8, ci: 4, co: 4, kh: 1, kw: 1, strideH: 2, strideW: 2, padH: 0, padW: 0 },
      ...{ dilationH: 1, dilationW: 1, oh: 4, ow: 4 },
    };
    const [x, weight] = [fill(gpu, 8 * 8 * 4, 1), fill(gpu, 16, 1)];
    expect((await stated(() => conv2d(x, weight, undefined, s))).bytes).toBe(4 * (4 * 4 * 4 + 16 + 4 * 4 * 4));
  });
});
