import { describe, expect, it } from 'vitest';
import { exportOnnx } from '../../../src/nn/onnx/export_onnx.ts';
import { decodeModel } from '../../../src/nn/onnx/schema.ts';
import { permute } from '../../../src/nn/weights/layout.ts';
import {
  AdaptiveAvgPool2d,
  AvgPool2d,
  add,
  addRelu,
  BatchNorm2d,
  CBAM,
  Conv2d,
  concat,
  Dropout,
  Flatten,
  GELU,
  GlobalAvgPool2d,
  type Gpu,
  globalAvgPool2d,
  globalMaxPool2d,
  LeakyReLU,
  Linear,
  MaxPool2d,
  type Module,
  matmul,
  mul,
  noGrad,
  pad,
  ReLU,
  relu,
  reshape,
  Sequential,
  Sigmoid,
  SiLU,
  SqueezeExcitation,
  StochasticDepth,
  scale,
  slice,
  softmax,
  Tanh,
  type Tensor,
} from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { Computed } from './computed.ts';
import { largestDifference, runOnnx } from './onnx_session.ts';
import { structuralFaults } from './structural_faults.ts';
import { trainedLike } from './trained_like.ts';

const held = useGpu();

/** Numbers of a tensor in ONNX's order: images as [N, C, H, W]. */
function inOnnxOrder({ shape }: Tensor, data: Float32Array): Float32Array {
  return shape.length === 4 ? permute({ shape, data }, [0, 3, 1, 2]).data : data;
}

describe('operationNodes, run by ONNX Runtime', () => {
  const conv = (gpu: Gpu) => new Conv2d(gpu, 4, 4, 3, { padding: 1 });
  /** What is tested with images [2, 9, 7, 4]. */
  const layers: Record<string, (gpu: Gpu) => Module> = {
    'Conv2d, not square': (gpu) => new Conv2d(gpu, 4, 6, [3, 5], { stride: [2, 1], padding: [0, 2] }),
    'Conv2d in groups': (gpu) => new Conv2d(gpu, 4, 6, 3, { groups: 2, bias: false }),
    'Conv2d, depthwise': (gpu) => new Conv2d(gpu, 4, 8, 3, { groups: 4, padding: 1 }),
    'Conv2d with dilation': (gpu) => new Conv2d(gpu, 4, 6, 3, { dilation: [2, 1], padding: [2, 0], stride: [2, 1] }),
    "Conv2d, padding 'same', odd in all": (gpu) => new Conv2d(gpu, 4, 6, [2, 4], { padding: 'same', dilation: [3, 1] }),
    'MaxPool2d with dilation, in ceil mode': (gpu) =>
      new Sequential(conv(gpu), new MaxPool2d(3, { stride: 2, padding: 1, dilation: [1, 2], ceilMode: true })),
    'AvgPool2d in ceil mode, padding not counted': (gpu) =>
      new Sequential(conv(gpu), new AvgPool2d(2, { stride: 2, ceilMode: true, countIncludePad: false })),
    "MaxPool2d and AvgPool2d with padding 'same'": (gpu) =>
      new Sequential(
        conv(gpu),
        new MaxPool2d(2, { stride: 1, padding: 'same' }),
        new AvgPool2d(3, { stride: 2, padding: 'same' }),
        new AvgPool2d(2, { stride: 1, padding: 'same', countIncludePad: false }),
      ),
    'GELU by tanh, and Tanh': (gpu) =>
      new Sequential(conv(gpu), new GELU({ approximate: 'tanh' }), conv(gpu), new Tanh()),
    'BatchNorm2d with ReLU': (gpu) =>
      new Sequential(conv(gpu), new BatchNorm2d(gpu, 4, { activation: 'relu', eps: 0.1 })),
    'BatchNorm2d with each other activation': (gpu) =>
      new Sequential(
        conv(gpu),
        new BatchNorm2d(gpu, 4, { activation: 'silu' }),
        new BatchNorm2d(gpu, 4, { activation: 'gelu' }),
        new BatchNorm2d(gpu, 4, { activation: 'leaky-relu', slope: 0.3 }),
      ),
    MaxPool2d: (gpu) => new Sequential(conv(gpu), new MaxPool2d([3, 2], { stride: 2, padding: [1, 0] })),
    AvgPool2d: (gpu) => new Sequential(conv(gpu), new AvgPool2d(3, { stride: 2, padding: 1 })),
    'AvgPool2d, padding not counted': (gpu) =>
      new Sequential(conv(gpu), new AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: false })),
    'AdaptiveAvgPool2d, unequal windows': (gpu) => new Sequential(conv(gpu), new AdaptiveAvgPool2d([4, 3])),
    'AdaptiveAvgPool2d to one': (gpu) => new Sequential(conv(gpu), new AdaptiveAvgPool2d(1)),
    'GlobalAvgPool2d and Linear': (gpu) => new Sequential(new GlobalAvgPool2d(), new Linear(gpu, 4, 3)),
    'Flatten and Linear': (gpu) => new Sequential(new Flatten(), new Linear(gpu, 252, 3, { bias: false })),
    SqueezeExcitation: (gpu) => new SqueezeExcitation(gpu, 4, { activation: 'silu' }),
    CBAM: (gpu) => new CBAM(gpu, 4),
    activations: (gpu) =>
      new Sequential(conv(gpu), new GELU(), new LeakyReLU(0.2), new SiLU(), conv(gpu), new Sigmoid(), new ReLU()),
    'what evaluation leaves out': (gpu) => new Sequential(new Dropout(), conv(gpu), new StochasticDepth(0.5)),
    'slice, pad, concat': (gpu) =>
      new Computed(gpu, (x) => {
        const part = slice(x, [{}, { start: 1, step: 2 }, { end: 5 }, { start: 1 }]);
        return concat([
          pad(part, [
            [0, 0],
            [0, 1],
            [1, 0],
            [0, 2],
          ]),
          pad(part, [
            [0, 0],
            [1, 0],
            [0, 1],
          ]),
        ]);
      }),
    'concat of rows': (gpu) => new Computed(gpu, (x) => concat([x, x], 1)),
    'sum and product by channel, scale': (gpu) => {
      const module: Computed = new Computed(gpu, (x) =>
        add(mul(scale(x, 1.5), module.fc.bias as Tensor), module.fc.bias as Tensor),
      );
      return module;
    },
    'product with one number for each pixel': (gpu) =>
      new Computed(gpu, (x) => mul(x, slice(x, [{}, {}, {}, { end: 1 }]))),
    'images to rows and back': (gpu) => new Computed(gpu, (x) => relu(reshape(reshape(x, [2, 63, 4]), [2, 7, 9, 4]))),
    'a linear layer whose product is read twice': (gpu) => {
      const module: Computed = new Computed(gpu, (x) => {
        const y = matmul(globalMaxPool2d(x), module.fc.weight, { transposeB: true });
        return add(add(y, module.fc.bias as Tensor), y);
      });
      return module;
    },
    'softmax inside': (gpu) => new Computed(gpu, (x) => softmax(globalAvgPool2d(x))),
    'a joint of two branches': (gpu) => new Computed(gpu, (x) => addRelu(scale(x, -2), x)),
  };

  it.each(Object.keys(layers))('%s', async (name) => {
    const { gpu } = held;
    const x = randomTensor(gpu, [2, 9, 7, 4], 1);
    const model = await trainedLike(layers[name](gpu), x);
    const y = noGrad(() => model.call(x));
    const own = inOnnxOrder(y, await y.data());
    const file = await exportOnnx(model, [9, 7, 4]);
    expect(structuralFaults(decodeModel(file))).toEqual([]);
    const { values, output } = await runOnnx(file, inOnnxOrder(x, await x.data()), [2, 4, 9, 7]);
    expect(output).toBe('logits');
    expect(largestDifference(values, own)).toBeLessThan(1e-5);
  });
});
