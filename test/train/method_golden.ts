import { readFileSync } from 'node:fs';
import type { Loss } from '../../src/nn/losses/loss.ts';
import { type ClassifierOptions, ImageClassifier } from '../../src/nn/models/image_classifier.ts';
import { lastLayer } from '../../src/nn/models/last_layer.ts';
import type { Optimizer } from '../../src/nn/optimizers/optimizer.ts';
import type { Schedule } from '../../src/nn/schedules/schedule.ts';
import { loadWeights } from '../../src/nn/weights/load_weights.ts';
import { indices, Linear, relu, type Shape, type Tensor, tensor } from '../../src/node.ts';
import type { Gpu } from '../../src/runtime/gpu.ts';
import type { Recipe } from '../../src/train/recipe.ts';
import { relativeError } from '../gpu.ts';

interface Golden {
  counts: number[];
  epochs: number;
  lr: number;
  momentum: number;
  /** [12, 6] */
  x: number[];
  labels: number[];
  /** In PyTorch's layouts. */
  first: Record<string, number[]>;
  new: Record<string, number[]>;
  tau: number;
  balancedAccuracy: number;
  methods: Record<string, { recipe: Partial<Recipe>; losses: number[]; weights: Record<string, number[]> }>;
}

/** Methods for imbalance over a few steps by PyTorch; see the script beside the file. */
export const golden: Golden = JSON.parse(
  readFileSync(new URL('../fixtures/train/methods.json', import.meta.url), 'utf8'),
);

const [INPUTS, HIDDEN] = [6, 5];
const SHAPES: Record<string, Shape> = {
  'fc1.weight': [HIDDEN, INPUTS],
  'fc1.bias': [HIDDEN],
  'last.weight': [golden.counts.length, HIDDEN],
  'last.bias': [golden.counts.length],
  'last.scale': [1],
};

/** Two linear layers with a ReLU between them, of rows [N, 6]. */
export class TwoLayers extends ImageClassifier {
  readonly classes = golden.counts.length;
  readonly imageShape = [INPUTS];
  readonly fc1: Linear;
  readonly last: Linear;

  constructor(gpu: Gpu, options: Pick<ClassifierOptions, 'classifier' | 'classifierScale'> = {}) {
    super();
    this.fc1 = new Linear(gpu, INPUTS, HIDDEN);
    this.last = lastLayer(gpu, HIDDEN, this.classes, options, {});
    this.load(golden.first);
  }

  /** Takes these weights over; others stay. */
  load(values: Record<string, number[]>): void {
    const own = new Set(this.stateDict().keys());
    const named = Object.entries(values).filter(([name]) => own.has(name));
    const weights = new Map(
      named.map(([name, data]) => [name, { shape: SHAPES[name], data: Float32Array.from(data) }] as const),
    );
    loadWeights(this, weights, { strict: false });
  }

  extractFeatures(x: Tensor): Tensor {
    return relu(this.fc1.call(x));
  }

  forward(x: Tensor): Tensor {
    return this.last.call(this.extractFeatures(x));
  }

  protected outputShape([n]: Shape): Shape {
    return [n, this.classes];
  }
}

/** All rows of the golden set, [12, 6]. */
export function rowsOf(gpu: Gpu): Tensor {
  return tensor(gpu, Float32Array.from(golden.x), [golden.labels.length, INPUTS]);
}

/** Losses of the steps of some epochs, two a step, as the script trains. */
export async function lossesOf(
  model: ImageClassifier,
  { optimizer, criterion, schedule }: { optimizer: Optimizer; criterion: Loss; schedule?: Schedule },
  epochs: number,
): Promise<number[]> {
  const { gpu } = model.parameters()[0];
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    criterion.setEpoch?.(epoch);
    for (const first of [0, 6]) {
      const x = tensor(gpu, Float32Array.from(golden.x.slice(first * INPUTS, (first + 6) * INPUTS)), [6, INPUTS]);
      optimizer.zeroGrad();
      const loss = criterion.call(model.call(x), indices(gpu, golden.labels.slice(first, first + 6)));
      loss.backward();
      optimizer.step();
      losses.push(await loss.item());
    }
    schedule?.step();
  }
  return losses;
}

/** By how much the weights of a network differ from the golden ones, relative to the largest of each tensor. */
export async function weightError(model: ImageClassifier, expected: Record<string, number[]>): Promise<number> {
  const state = model.stateDict();
  const errors = await Promise.all(
    Object.entries(expected).map(async ([name, values]) => {
      const own = state.get(name);
      if (own === undefined) return Number.NaN;
      const data = await own.data();
      const [rows, columns] = SHAPES[name];
      // Weights are [in, out] here and [out, in] there.
      const turned =
        columns === undefined ? data : data.map((_, i) => data[(i % columns) * rows + Math.floor(i / columns)]);
      return relativeError(turned, values);
    }),
  );
  return errors.reduce((most, error) => (Number.isNaN(error) ? error : Math.max(most, error)), 0);
}
