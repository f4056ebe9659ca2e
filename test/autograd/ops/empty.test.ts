import { describe, expect, it } from 'vitest';
import {
  adaptiveAvgPool2d,
  argmax,
  avgPool2d,
  batchHardTriplet,
  channelPool2d,
  conv2d,
  convTranspose2d,
  crossEntropy,
  globalMaxPool2d,
  groupNorm,
  indices,
  interpolate,
  layerNorm,
  max,
  maxPool2d,
  normalizeRows,
  oneHot,
  pad2d,
  pairwiseDistances,
  type Shape,
  ShapeError,
  softmax,
  supervisedContrastive,
  type Tensor,
  tensor,
} from '../../../src/node.ts';
import { RUNGS } from '../../../src/runtime/rungs.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { batchNorm, emptyCases } from './empty_cases.ts';

const held = useGpu();

const labels = () => indices(held.gpu, []);

describe.each(RUNGS)('nothing goes in, %s rung', (rung) => {
  it.each(emptyCases(held))('$name', async ({ shapes, run, shape, value }) => {
    const { gpu } = held;
    gpu.forcedRung = rung;
    try {
      const inputs = shapes.map((sizes, i) => randomTensor(gpu, sizes, i + 1, { requiresGrad: true }));
      // The second pass adds its gradients to those of the first.
      for (let pass = 0; pass < 2; pass++) {
        const y = run(inputs);
        expect(y.shape).toEqual(shape);
        const got = await y.data();
        if (value === undefined) expect(got.length).toBe(0);
        else expect(got).toEqual(new Float32Array(got.length).fill(value));
        y.backward(tensor(gpu, new Float32Array(got.length).fill(1), shape));
      }
      // Of a 0 the sign does not matter.
      for (const { grad, size } of inputs) {
        expect((await grad?.data())?.map((v) => v + 0)).toEqual(new Float32Array(size));
      }
    } finally {
      gpu.forcedRung = undefined;
    }
  });
});

const refused: readonly [string, () => unknown, string][] = [
  ['conv2d of no rows', () => conv2d(images([2, 0, 5, 4]), images([3, 3, 4, 8])), 'conv2d: images need a height'],
  ['conv2d of no channels', () => conv2d(images([2, 6, 5, 0]), images([3, 3, 0, 8])), 'conv2d: images need a height'],
  ['conv2d to no channels', () => conv2d(images([2, 6, 5, 4]), images([3, 3, 4, 0])), 'conv2d: the weight is empty'],
  [
    'convTranspose2d',
    () => convTranspose2d(images([2, 0, 5, 4]), images([3, 3, 8, 4])),
    'convTranspose2d: images need a height',
  ],
  ['interpolate', () => interpolate(images([2, 0, 5, 4]), { scaleFactor: 2 }), 'interpolate: images need a height'],
  ['pad2d', () => pad2d(images([2, 0, 5, 4]), 1), 'pad2d: images need a height'],
  ['groupNorm', () => groupNorm(images([2, 0, 5, 4]), 2), 'groupNorm: the input has nothing to normalise over'],
  ['layerNorm', () => layerNorm(images([2, 0]), 0), 'layerNorm: the input has nothing to normalise over'],
  ['maxPool2d', () => maxPool2d(images([2, 6, 0, 4]), { kernelSize: 2 }), 'maxPool2d: images need a height'],
  ['avgPool2d', () => avgPool2d(images([2, 6, 0, 4]), { kernelSize: 2 }), 'avgPool2d: images need a height'],
  ['adaptiveAvgPool2d', () => adaptiveAvgPool2d(images([2, 0, 6, 4]), 2), 'adaptiveAvgPool2d: images need a height'],
  ['globalMaxPool2d', () => globalMaxPool2d(images([2, 0, 6, 4])), 'globalMaxPool2d: images [N, H, W, C] are needed'],
  ['channelPool2d', () => channelPool2d(images([2, 6, 6, 0])), 'channelPool2d: images [N, H, W, C] are needed'],
  [
    'batchNorm2d',
    () => batchNorm(held, images([2, 6, 6, 0]), images([0]), images([0])),
    'batchNorm2d: the input has no channels',
  ],
  ['softmax', () => softmax(images([2, 0])), 'softmax: logits [N, C] are needed'],
  [
    'crossEntropy',
    () => crossEntropy(images([2, 0]), indices(held.gpu, [0, 0])),
    'crossEntropy: logits [N, C] are needed',
  ],
  ['max', () => max(images([0, 4]), 0), 'max: dimension 0 of the shape [0,4] has no elements to choose from'],
  ['max over all', () => max(images([0, 4])), 'max: dimension 0 of the shape [0,4] has no elements to choose from'],
  ['argmax', () => argmax(images([4, 0]), 1), 'argmax: dimension 1 of the shape [4,0] has no elements to choose from'],
  ['normalizeRows', () => normalizeRows(images([0, 4])), 'normalizeRows: embeddings [N, D] are needed'],
  ['pairwiseDistances', () => pairwiseDistances(images([0, 4])), 'pairwiseDistances: embeddings [N, D] are needed'],
  ['batchHardTriplet', () => batchHardTriplet(images([0, 4]), labels()), 'pairwiseDistances: embeddings [N, D]'],
  ['supervisedContrastive', () => supervisedContrastive(images([0, 4]), labels()), 'normalizeRows: embeddings [N, D]'],
];

function images(shape: Shape): Tensor {
  return randomTensor(held.gpu, shape, 1, { requiresGrad: true });
}

describe('says in one sentence what cannot be empty', () => {
  it.each(refused)('%s', (_name, run, message) => {
    expect(run).toThrow(ShapeError);
    expect(run).toThrow(message);
  });
});

it('labels of no samples make no distributions', async () => {
  expect((await oneHot(labels(), 5).data()).length).toBe(0);
});
