import { describe, expect, it } from 'vitest';
import { type Conv2dOptions, conv2d } from '../../../src/autograd/ops/conv2d.ts';
import { gradcheck, scale, type Tensor } from '../../../src/node.ts';
import { watchRungs } from '../../../src/runtime/choose_rung.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { agreesWithPyTorch } from './golden_operations.ts';

const held = useGpu();

agreesWithPyTorch('conv2d', (x, { weight, bias }, options) => conv2d(x, weight, bias, options));

// A convolution is linear in each argument, so a step of 0.5 has no curvature error and little rounding.
const LINEAR = { step: 0.5, absolute: 2e-5, relative: 2e-5, elements: 40 };

const cases: { x: number[]; weight: number[]; bias: boolean; options: Conv2dOptions }[] = [
  { x: [2, 5, 7, 3], weight: [3, 3, 3, 8], bias: true, options: { padding: 1 } },
  { x: [1, 6, 5, 4], weight: [3, 3, 4, 8], bias: true, options: { stride: 2, padding: 1 } },
  { x: [2, 5, 5, 5], weight: [3, 3, 5, 3], bias: false, options: {} },
  { x: [1, 4, 4, 8], weight: [1, 1, 8, 4], bias: true, options: {} },
  { x: [1, 9, 9, 3], weight: [7, 7, 3, 4], bias: false, options: { stride: 2, padding: 3 } },
  { x: [2, 4, 6, 4], weight: [1, 3, 4, 4], bias: true, options: { stride: [2, 1], padding: [0, 1] } },
  // Depthwise, and with two outputs to a channel.
  { x: [2, 5, 7, 8], weight: [3, 3, 1, 8], bias: true, options: { padding: 1, groups: 8 } },
  { x: [1, 6, 5, 4], weight: [5, 5, 1, 4], bias: false, options: { stride: 2, padding: 2, groups: 4 } },
  { x: [2, 5, 4, 3], weight: [3, 3, 1, 6], bias: true, options: { padding: 1, groups: 3 } },
  // In groups.
  { x: [1, 5, 6, 8], weight: [3, 3, 4, 12], bias: true, options: { padding: 1, groups: 2 } },
  { x: [2, 5, 5, 6], weight: [3, 3, 2, 3], bias: false, options: { stride: 2, padding: 1, groups: 3 } },
  // Gaps between the taps.
  { x: [2, 7, 6, 4], weight: [3, 3, 4, 8], bias: true, options: { dilation: 2, padding: 2 } },
  { x: [1, 9, 8, 4], weight: [3, 2, 4, 4], bias: true, options: { dilation: [2, 3], padding: [2, 1], stride: [2, 3] } },
  { x: [2, 7, 5, 4], weight: [3, 3, 1, 4], bias: true, options: { dilation: 2, padding: 1, groups: 4 } },
  { x: [1, 7, 8, 6], weight: [3, 3, 3, 4], bias: false, options: { dilation: [1, 3], padding: 1, groups: 2 } },
  // As much padding as keeps the size.
  { x: [1, 5, 6, 4], weight: [2, 4, 4, 8], bias: true, options: { padding: 'same' } },
  { x: [2, 4, 5, 4], weight: [4, 2, 1, 4], bias: true, options: { padding: 'same', dilation: [1, 3], groups: 4 } },
];

describe('conv2d', () => {
  it.each(cases)('gradients in mid-graph: $x with $weight, $options', async ({ x, weight, bias, options }) => {
    const { gpu } = held;
    const inputs = [
      randomTensor(gpu, x, 1, { requiresGrad: true }),
      randomTensor(gpu, weight, 2, { requiresGrad: true }),
    ];
    if (bias) inputs.push(randomTensor(gpu, [weight[3]], 3, { requiresGrad: true }));
    const checked = await gradcheck(
      (p, w, b) => scale(conv2d(scale(p, 2), scale(w, 0.5), b, options), 3),
      inputs,
      LINEAR,
    );
    expect(checked).toBeGreaterThan(20);
  });

  it.each([
    { x: [2, 5, 7, 4], weight: [3, 3, 4, 8], options: { padding: 1 } },
    { x: [1, 8, 9, 8], weight: [3, 3, 8, 4], options: {} },
    { x: [3, 2, 1, 4], weight: [3, 3, 4, 4], options: { padding: 1 } },
  ])("gradients in mid-graph by Winograd's method: $x with $weight, $options", async ({ x, weight, options }) => {
    const { gpu } = held;
    const inputs = [x, weight, [weight[3]]].map((shape, i) => randomTensor(gpu, shape, i + 1, { requiresGrad: true }));
    const taken = new Set<string>();
    const convolve = (p: Tensor, w: Tensor, b: Tensor) =>
      watchRungs(
        (_, rung) => taken.add(rung),
        () => scale(conv2d(scale(p, 2), scale(w, 0.5), b, options), 3),
      );
    gpu.forcedRung = 'winograd';
    try {
      expect(await gradcheck(convolve, inputs, LINEAR)).toBeGreaterThan(20);
    } finally {
      gpu.forcedRung = undefined;
    }
    expect(taken).toContain('winograd');
  });

  it('takes no padding for the word valid, and any dilation of a single tap', async () => {
    const { gpu } = held;
    const [x, weight] = [randomTensor(gpu, [1, 5, 4, 4], 1), randomTensor(gpu, [1, 1, 4, 8], 2)];
    const y = await conv2d(x, weight).data();
    expect(await conv2d(x, weight, undefined, { padding: 'valid', dilation: 9 }).data()).toEqual(y);
  });

  it('says what does not fit', () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [1, 4, 4, 3], 1);
    const square = randomTensor(gpu, [3, 3, 3, 8], 2);
    expect(() => conv2d(x, square, undefined, { dilation: 2 })).toThrow(
      'conv2d: the weight [3,3,3,8] does not fit into the input [1,4,4,3] with padding [0, 0] and dilation [2,2].',
    );
    expect(() => conv2d(x, square, undefined, { dilation: 0 })).toThrow(
      'conv2d: dilation must be an integer of at least 1, or two of them; it is 0.',
    );
    expect(() => conv2d(x, square, undefined, { padding: 'same', stride: [1, 2] })).toThrow(
      "conv2d: padding 'same' is for stride 1; the stride is [1,2].",
    );
    const weight = randomTensor(gpu, [3, 3, 4, 8], 2);
    expect(() => conv2d(x, weight)).toThrow(
      'conv2d: the input [1,4,4,3] has 3 channels, the weight [3,3,4,8] expects 4.',
    );
    expect(() => conv2d(x, randomTensor(gpu, [5, 5, 3, 8], 2))).toThrow('does not fit into the input');
    expect(() => conv2d(x, randomTensor(gpu, [3, 3, 3, 8], 2), undefined, { stride: 0 })).toThrow(
      'stride must be an integer of at least 1',
    );
    expect(() => conv2d(x, randomTensor(gpu, [3, 3, 3, 8], 2), randomTensor(gpu, [4], 1))).toThrow(
      'the bias must be [8]',
    );
    const six = randomTensor(gpu, [1, 4, 4, 6], 1);
    expect(() => conv2d(six, randomTensor(gpu, [3, 3, 3, 8], 2), undefined, { groups: 3 })).toThrow(
      'conv2d: 6 input and 8 output channels cannot be cut into 3 equal groups.',
    );
    expect(() => conv2d(six, randomTensor(gpu, [3, 3, 3, 9], 2), undefined, { groups: 3 })).toThrow(
      'conv2d: the input [1,4,4,6] has 6 channels, the weight [3,3,3,9] in 3 groups expects 9.',
    );
  });
});
