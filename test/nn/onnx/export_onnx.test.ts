import { beforeAll, describe, expect, it } from 'vitest';
import { sizeOf } from '../../../src/autograd/tensor.ts';
import type { ImageDataset } from '../../../src/data/image_dataset.ts';
import { loadDataset } from '../../../src/data/sources/load_dataset.ts';
import { exportOnnx, type OnnxOptions } from '../../../src/nn/onnx/export_onnx.ts';
import { decodeModel } from '../../../src/nn/onnx/schema.ts';
import { permute } from '../../../src/nn/weights/layout.ts';
import {
  add,
  BatchNorm2d,
  concat,
  conv2d,
  createModel,
  Dropout,
  flatten,
  GlobalAvgPool2d,
  globalAvgPool2d,
  Linear,
  logSoftmax,
  MODEL_NAMES,
  matmul,
  mean,
  noGrad,
  reshape,
  Sequential,
  slice,
  softmax,
  type Tensor,
  tensor,
} from '../../../src/node.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { Computed } from './computed.ts';
import { largestDifference, runOnnx } from './onnx_session.ts';
import { structuralFaults } from './structural_faults.ts';
import { trainedLike } from './trained_like.ts';

const held = useGpu();
const COUNT = 8;

let digits: ImageDataset;
beforeAll(async () => {
  digits = await loadDataset('mnist', { form: { size: 32, channels: 3 } });
});

/** Pixels from 0 to 1 of the first test images, as [N, H, W, C] and [N, C, H, W]. */
function pixels() {
  const shape = [COUNT, 32, 32, 3];
  const nhwc = Float32Array.from(digits.test.images.subarray(0, sizeOf(shape)), (byte) => byte / 255);
  return { nhwc, nchw: permute({ shape, data: nhwc }, [0, 3, 1, 2]).data };
}

describe('exportOnnx, run by ONNX Runtime', () => {
  it.each([...MODEL_NAMES.map((name) => ({ name })), { name: 'resnet20', classifier: 'cosine' }] as const)(
    '$name $classifier gives the probabilities that it gives here, of real images',
    async ({ name, ...last }) => {
      const { gpu } = held;
      const { nhwc, nchw } = pixels();
      const { mean, std } = digits;
      const normalised = nhwc.map((value, i) => (value - mean[i % 3]) / std[i % 3]);
      const images = tensor(gpu, normalised, [COUNT, 32, 32, 3]).keep();
      const model = await trainedLike(createModel(gpu, name, { width: 1 / 4, ...last }), images);
      const own = await gpu.scope(() => noGrad(() => softmax(model.call(images))).data());
      // Probabilities that tell: neither all alike nor all sure.
      expect(Math.max(...own) - Math.min(...own)).toBeGreaterThan(0.1);
      expect(own.filter((p) => p > 0.01 && p < 0.99).length).toBeGreaterThan(COUNT);
      const file = await exportOnnx(model, model.imageShape, { softmax: true, normalization: { mean, std } });
      const { values, input, output, dims } = await runOnnx(file, nchw, [COUNT, 3, 32, 32]);
      expect([input, output, ...dims]).toEqual(['images', 'probabilities', COUNT, 10]);
      const difference = largestDifference(values, own);
      expect(difference).toBeLessThan(1e-4);
    },
  );
});

describe('what exportOnnx writes', () => {
  it("names constants as the state dict does, in PyTorch's layouts, and nodes by their modules", async () => {
    const { gpu } = held;
    const model = createModel(gpu, 'resnet20', { width: 1 / 4 });
    const { graph, ...rest } = decodeModel(await exportOnnx(model, model.imageShape));
    expect(rest.producerName).toBe('wgrad');
    expect(structuralFaults({ graph, ...rest })).toEqual([]);
    const weight = graph.initializer.find(({ name }) => name === 'layer2.0.conv1.weight');
    expect(weight?.dims).toEqual([8, 4, 3, 3]);
    const parameters = [...model.stateDict().keys()];
    const constants = graph.initializer.map(({ name }) => name).filter((name) => !name.startsWith('integers'));
    expect(constants.sort()).toEqual(parameters.sort());
    const nodes = graph.node.map(({ name }) => name);
    expect(nodes.slice(0, 5)).toEqual([
      'conv1/Conv',
      'bn1/BatchNormalization',
      'bn1/Relu',
      'layer1.0.conv1/Conv',
      'layer1.0.bn1/BatchNormalization',
    ]);
    expect(nodes).toContain('layer2.0.downsample/Slice');
    expect(graph.node.at(-1)).toMatchObject({ name: 'linear/Gemm', opType: 'Gemm', output: ['logits'] });
    expect(graph.node.at(-1)?.input.slice(1)).toEqual(['linear.weight', 'linear.bias']);
    expect(graph.input[0].type.tensorType.shape.dim).toEqual([
      { dimParam: 'N' },
      { dimValue: 3 },
      { dimValue: 32 },
      { dimValue: 32 },
    ]);
    expect(graph.output[0].type.tensorType.shape.dim).toEqual([{ dimParam: 'N' }, { dimValue: 10 }]);
  });

  it('says in the metadata what goes in and comes out', async () => {
    const model = new Sequential(new GlobalAvgPool2d(), new Linear(held.gpu, 3, 2));
    const properties = async (options: OnnxOptions) => {
      const { metadataProps } = decodeModel(await exportOnnx(model, [4, 4, 3], options));
      return Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
    };
    expect(await properties({})).toEqual({ input: 'normalised', output: 'logits' });
    const normalization = { mean: [0.5, 0.25, 0], std: [0.1, 0.2, 0.3] };
    expect(
      await properties({ normalization, softmax: true, classNames: ['cat', 'dog, wild'], metadata: { data: 'pets' } }),
    ).toEqual({
      input: 'pixels from 0 to 1',
      output: 'probabilities',
      classes: '["cat","dog, wild"]',
      mean: '0.5,0.25,0',
      std: '0.1,0.2,0.3',
      data: 'pets',
    });
  });

  it('takes inputs that are no images, and leaves the network as it was', async () => {
    const { gpu } = held;
    const model = new Sequential({ fc: new Linear(gpu, 5, 3), norm: new BatchNorm2d(gpu, 3), drop: new Dropout() });
    model.get('drop').eval();
    const file = await exportOnnx(model, [5]);
    expect(['fc', 'norm', 'drop'].map((name) => model.get(name).training)).toEqual([true, true, false]);
    const x = randomTensor(gpu, [4, 5], 2);
    const { values, input, dims } = await runOnnx(file, await x.data(), [4, 5]);
    expect([input, ...dims]).toEqual(['input', 4, 3]);
    const own = await noGrad(() => model.eval().call(x)).data();
    expect(largestDifference(values, own)).toBeLessThan(1e-5);
  });

  it('puts a parameter that is used twice there once, and once for each layout', async () => {
    const { gpu } = held;
    const module: Computed = new Computed(gpu, (x) => {
      const once = matmul(matmul(globalAvgPool2d(x), module.fc.weight), module.fc.weight);
      return matmul(once, module.fc.weight, { transposeB: true });
    });
    const { graph } = decodeModel(await exportOnnx(module, [3, 3, 4]));
    expect(graph.initializer.map(({ name }) => name)).toEqual(['fc.weight', 'fc.weight_1']);
  });

  it.each<[string, (x: Tensor, module: Computed) => Tensor, string]>([
    [
      'an operation without a counterpart',
      (x) => logSoftmax(globalAvgPool2d(x)),
      'The operation logSoftmax of the network cannot be exported to ONNX: only adaptiveAvgPool2d, ',
    ],
    ['a sum over the batch', (x) => mean(x), 'cannot be exported to ONNX: its result has not one part for each image.'],
    [
      'a part of the batch',
      (x) => concat([slice(x, [{ end: 1 }]), x], 0),
      'its result has not one part for each image',
    ],
    [
      'images of a batch in another order',
      (x) => concat([slice(x, [{ start: 1 }]), slice(x, [{ end: 1 }])], 0),
      'its result has not one part for each image',
    ],
    [
      'products of images with each other',
      (x) => matmul(flatten(x), flatten(x), { transposeB: true }),
      'it multiplies images of a batch with each other',
    ],
    [
      'a tensor of unknown origin',
      (x) => add(x, tensor(x.gpu, [1, 2, 3, 4])),
      'make it a PersistentBuffer to export it',
    ],
    ['what happened off the tape', (x) => add(x, x.detach()), 'make it a PersistentBuffer to export it'],
    [
      'a weight that is computed',
      (x, { fc }) => conv2d(x, reshape(fc.weight, [1, 1, 4, 4])),
      'its weight is not a parameter',
    ],
  ])('refuses %s in one sentence', async (_, compute, message) => {
    const module: Computed = new Computed(held.gpu, (x) => compute(x, module));
    const refused = exportOnnx(module, [3, 3, 4]);
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(/^[^\n]+\.$/);
  });

  it('refuses names and numbers that do not fit', async () => {
    const model = new Sequential(new GlobalAvgPool2d(), new Linear(held.gpu, 3, 2));
    const given = (options: OnnxOptions) => exportOnnx(model, [4, 4, 3], options);
    await expect(given({ classNames: ['a'] })).rejects.toThrow('1 class names were given for 2 classes.');
    await expect(given({ normalization: { mean: [0, 0, 0], std: [1] } })).rejects.toThrow(
      /^exportOnnx: std needs a number/,
    );
    await expect(exportOnnx(new GlobalAvgPool2d(), [4, 4, 3])).rejects.toThrow('without parameters');
  });
});
