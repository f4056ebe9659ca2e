import { describe, expect, it } from 'vitest';
import { gradCam, lastSpatialLayer } from '../../src/inspect/grad_cam.ts';
import { createModel } from '../../src/nn/models/index.ts';
import {
  globalAvgPool2d,
  ImageClassifier,
  Linear,
  Module,
  noGrad,
  type Shape,
  type Tensor,
  tensor,
} from '../../src/node.ts';
import { randomTensor, randomValues, useGpu } from '../gpu.ts';
import { decode, golden, goldenBatch, goldenModel } from '../nn/models/golden_custom_cnn.ts';

const held = useGpu({ fences: false });

/** Features are the images themselves; logits a linear function of their means. */
class MeanClassifier extends ImageClassifier {
  readonly classes: number;
  readonly imageShape: Shape = [3, 4, 2];
  readonly inner = new Identity();
  readonly unused = new Identity();
  readonly fc: Linear;

  constructor(weights: readonly (readonly number[])[]) {
    super();
    this.classes = weights[0].length;
    this.fc = new Linear(held.gpu, 2, this.classes);
    this.fc.loadStateDict(
      new Map([
        ['weight', tensor(held.gpu, weights)],
        ['bias', tensor(held.gpu, new Float32Array(this.classes), [this.classes])],
      ]),
    );
  }
  extractFeatures(images: Tensor): Tensor {
    return globalAvgPool2d(this.inner.call(images));
  }
  forward(images: Tensor): Tensor {
    return this.fc.call(this.extractFeatures(images));
  }
  protected outputShape([n]: Shape): Shape {
    this.inner.inferShape([n, 3, 4, 2]);
    return this.fc.inferShape([n, 2]);
  }
}

class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
  protected outputShape(input: Shape): Shape {
    return input;
  }
}

describe('gradCam', () => {
  // GRADIENT and FORWARD of the network's golden test come to 1.5e-5 of the terms that a map sums up, and these to `cancelled` times the maximum.
  it.each(Object.keys(golden.gradCam))("agrees with PyTorch's in float64 at %s", async (layer) => {
    const { gpu } = held;
    const model = goldenModel(gpu);
    const { images } = goldenBatch(gpu);
    noGrad(() => model.call(images));
    const { maps, classes } = await gradCam({ gpu, model, layer, images, classes: golden.labels });
    const { cancelled, ...expected } = golden.gradCam[layer];
    const values = decode(expected.maps);
    expect(classes).toEqual(golden.labels);
    expect(maps).toHaveLength(4);
    for (const [i, { values: map, height, width }] of maps.entries()) {
      expect(map.length).toBe(height * width);
      expect(height * width).toBe(values.length / 4);
      const theirs = values.subarray(i * map.length, (i + 1) * map.length);
      if (theirs.every((value) => value === 0)) expect([...map]).toEqual([...theirs]);
      else {
        for (const [at, value] of map.entries()) {
          expect(Math.abs(value - theirs[at])).toBeLessThan(3e-5 * cancelled[i]);
        }
      }
    }
  });

  it('weighs channels by the mean gradient, cuts off what is negative, and divides by the maximum', async () => {
    // Two channels; class 0 likes the first and dislikes the second, class 1 dislikes both.
    const model = new MeanClassifier([
      [3, -1],
      [-2, -4],
    ]);
    const images = randomTensor(held.gpu, [3, 3, 4, 2], 5, { low: 0 });
    const classes = [0, 0, 1];
    const { maps } = await gradCam({ gpu: held.gpu, model, layer: 'inner', images, classes });
    const values = await images.data();
    for (const [i, { values: map, height, width }] of maps.entries()) {
      expect([height, width]).toEqual([3, 4]);
      const [first, second] = classes[i] === 0 ? [3, -2] : [-1, -4];
      const sums = Array.from({ length: 12 }, (_, place) => {
        const at = (i * 12 + place) * 2;
        return Math.max(0, first * values[at] + second * values[at + 1]);
      });
      const highest = Math.max(...sums);
      // A handful of float32 operations.
      for (const [at, sum] of sums.entries()) {
        expect(Math.abs(map[at] - (highest > 0 ? sum / highest : 0))).toBeLessThan(1e-6);
      }
    }
    expect(Math.max(...maps[0].values)).toBe(1);
    expect([...maps[2].values]).toEqual(new Array(12).fill(0));
  });

  it('explains the predicted class by default', async () => {
    const model = new MeanClassifier([
      [1, 2],
      [0, 1],
    ]);
    const images = tensor(held.gpu, randomValues(48, 3, 0.1, 1), [2, 3, 4, 2]);
    const found = await gradCam({ gpu: held.gpu, model, layer: 'inner', images });
    expect(found.classes).toEqual([1, 1]);
    expect(found).toEqual(await gradCam({ gpu: held.gpu, model, layer: 'inner', images, classes: [1, 1] }));
  });

  it('leaves modes, gradients, frozen parameters and memory as they were', async () => {
    const { gpu } = held;
    const model = goldenModel(gpu).train();
    model.getModule('features.block1').eval();
    const frozen = model.getModule('features.block2');
    frozen.setRequiresGrad(false);
    const { images } = goldenBatch(gpu);
    const run = () => gradCam({ gpu, model, layer: 'features.block3', images });
    const first = await run();
    const { liveBytes } = gpu.memory;
    for (let i = 0; i < 3; i++) expect(await run()).toEqual(first);
    expect(gpu.memory.liveBytes).toBeLessThanOrEqual(liveBytes);
    expect([model.training, model.getModule('features.block1').training]).toEqual([true, false]);
    const isFrozen = new Set(frozen.parameters());
    for (const parameter of model.parameters()) {
      expect(parameter.requiresGrad).toBe(!isFrozen.has(parameter));
      expect(parameter.grad).toBeUndefined();
    }
  });

  it('says what is wrong with a layer or a class', async () => {
    const { gpu } = held;
    const model = new MeanClassifier([
      [1, 2],
      [0, 1],
    ]);
    const images = randomTensor(gpu, [2, 3, 4, 2], 5);
    const run = (layer: string, classes?: number[]) => gradCam({ gpu, model, layer, images, classes });
    expect(() => run('outer')).toThrow("There is no module 'outer'; the modules are: inner, unused, fc.");
    await expect(run('unused')).rejects.toThrow("the model does not call its module 'unused'");
    await expect(run('fc')).rejects.toThrow("the output of 'fc' has shape [2,2], expected images");
    await expect(run('inner', [0])).rejects.toThrow('1 classes for 2 images, expected one from 0 to 1 for each.');
    await expect(run('inner', [0, 2])).rejects.toThrow('class 2 for 2 images, expected one from 0 to 1 for each.');
    expect(model.parameters().every((parameter) => parameter.requiresGrad)).toBe(true);
  });
});

describe('lastSpatialLayer', () => {
  it('finds the last part that gives images of more than one pixel', () => {
    expect(lastSpatialLayer(goldenModel(held.gpu))).toBe('features');
    const options = { width: 1 / 8, imageSize: 32 };
    expect(lastSpatialLayer(createModel(held.gpu, 'resnet18', options))).toBe('layer4');
    // Its last three stages reduce images of 32 pixels to one place.
    expect(lastSpatialLayer(createModel(held.gpu, 'efficientnet-b0', options))).toBe('features.5');
    expect(lastSpatialLayer(new MeanClassifier([[1], [1]]))).toBe('inner');
  });
});
