import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { uniform } from '../../../src/nn/init.ts';
import { imagesFromTorch, shapeToTorch } from '../../../src/nn/weights/layout.ts';
import { createModel, noGrad, Philox, tensor } from '../../../src/node.ts';
import { relativeError, useGpu } from '../../gpu.ts';
import { decode, loadInitial } from './model_golden.ts';

const held = useGpu();

/** What torchvision computes in float64; see test/fixtures/nn/make_imagenet_sizes.py. */
const golden = JSON.parse(readFileSync(new URL('../../fixtures/nn/imagenet_sizes.json', import.meta.url), 'utf8'));

/** PyTorch's own float32 is off by up to 3.6e-6 (printed by the fixture's script). */
const LIMIT = 1e-5;

describe.each(['resnet18', 'resnet34'] as const)('%s in ImageNet form, held against torchvision', (name) => {
  it.each<{ size: number; training: string; evaluation: string }>(golden.networks[name])(
    'images of $size×$size',
    async ({ size, training, evaluation }) => {
      const { gpu } = held;
      const { seed, width, images: count, imagesStream } = golden;
      const model = createModel(gpu, name, { form: 'imagenet', width });
      const parameters = model
        .namedParameters()
        .map(([name, { shape }], stream) => ({ name, shape: [...shapeToTorch(shape)], stream }));
      loadInitial(model, { seed, parameters });
      const shape = [count, 3, size, size];
      const drawn = imagesFromTorch({ shape, data: uniform(shape, 2, new Philox(seed, imagesStream)) });
      const images = tensor(gpu, drawn.data, drawn.shape);
      const [trained, evaluated] = noGrad(() => [model.call(images), model.eval().call(images)]);
      expect(relativeError(await trained.data(), decode(training))).toBeLessThan(LIMIT);
      expect(relativeError(await evaluated.data(), decode(evaluation))).toBeLessThan(LIMIT);
    },
  );
});
