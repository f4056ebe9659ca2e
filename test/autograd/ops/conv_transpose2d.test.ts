import { describe, expect, it } from 'vitest';
import { type ConvTranspose2dOptions, convTranspose2d, gradcheck, scale } from '../../../src/node.ts';
import { RUNGS } from '../../../src/runtime/rungs.ts';
import { randomTensor, randomValues, relativeError, useGpu } from '../../gpu.ts';
import { agreesWithPyTorch } from './golden_operations.ts';

const held = useGpu();

agreesWithPyTorch('convTranspose2d', (x, { weight, bias }, options) => convTranspose2d(x, weight, bias, options));

// Linear in each argument, so a step of 0.5 has no curvature error and little rounding.
const LINEAR = { step: 0.5, absolute: 2e-5, relative: 2e-5, elements: 40 };

type Two = readonly [number, number];
const two = (v: number | Two): Two => (typeof v === 'number' ? [v, v] : v);

/** By the definition, in float64: each input pixel adds its window to the output. */
function reference(
  x: { shape: number[]; values: ArrayLike<number> },
  weight: { shape: number[]; values: ArrayLike<number> },
  bias: ArrayLike<number> | undefined,
  { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 }: ConvTranspose2dOptions,
): { shape: number[]; values: Float64Array } {
  const [[n, h, w, ci], [kh, kw, depth]] = [x.shape, weight.shape];
  const [[sh, sw], [ph, pw], [mh, mw], [dh, dw]] = [two(stride), two(padding), two(outputPadding), two(dilation)];
  const [oh, ow] = [(h - 1) * sh - 2 * ph + dh * (kh - 1) + mh + 1, (w - 1) * sw - 2 * pw + dw * (kw - 1) + mw + 1];
  const co = depth * groups;
  const y = new Float64Array(n * oh * ow * co);
  if (bias) for (let i = 0; i < y.length; i++) y[i] = bias[i % co];
  for (let i = 0; i < n * h * w * ci; i++) {
    const [c, column, row, image] = [
      i % ci,
      Math.floor(i / ci) % w,
      Math.floor(i / (ci * w)) % h,
      Math.floor(i / (ci * w * h)),
    ];
    const first = Math.floor(c / (ci / groups)) * depth;
    for (let tap = 0; tap < kh * kw; tap++) {
      const [p, q] = [row * sh + Math.floor(tap / kw) * dh - ph, column * sw + (tap % kw) * dw - pw];
      if (p < 0 || q < 0 || p >= oh || q >= ow) continue;
      for (let j = 0; j < depth; j++) {
        y[((image * oh + p) * ow + q) * co + first + j] += x.values[i] * weight.values[(tap * depth + j) * ci + c];
      }
    }
  }
  return { shape: [n, oh, ow, co], values: y };
}

const cases: { x: number[]; weight: number[]; bias: boolean; options: ConvTranspose2dOptions }[] = [
  { x: [2, 4, 3, 8], weight: [2, 2, 12, 8], bias: true, options: { stride: 2 } },
  { x: [1, 4, 5, 3], weight: [3, 3, 5, 3], bias: true, options: { stride: 2, padding: 1, outputPadding: 1 } },
  { x: [2, 5, 3, 4], weight: [3, 3, 8, 4], bias: false, options: { padding: 1 } },
  { x: [1, 4, 4, 4], weight: [4, 4, 4, 4], bias: true, options: { stride: 2, padding: 1 } },
  { x: [1, 3, 4, 8], weight: [3, 2, 4, 8], bias: false, options: { stride: [1, 3], outputPadding: [0, 2] } },
  {
    x: [2, 4, 3, 4],
    weight: [3, 3, 8, 4],
    bias: true,
    options: { stride: 2, dilation: 2, padding: 2, outputPadding: 1 },
  },
  { x: [1, 3, 3, 4], weight: [3, 3, 4, 4], bias: true, options: { dilation: 3, outputPadding: 2 } },
  { x: [1, 3, 4, 6], weight: [3, 3, 2, 6], bias: true, options: { stride: 2, padding: 1, groups: 2 } },
  {
    x: [2, 4, 5, 8],
    weight: [3, 3, 1, 8],
    bias: true,
    options: { stride: 2, padding: 1, outputPadding: 1, groups: 8 },
  },
  { x: [1, 4, 3, 16], weight: [3, 3, 8, 16], bias: false, options: { stride: 3, groups: 2 } },
  { x: [1, 1, 1, 4], weight: [5, 3, 4, 4], bias: true, options: {} },
  { x: [2, 4, 4, 8], weight: [1, 1, 8, 8], bias: true, options: { stride: 2 } },
];

describe('convTranspose2d', () => {
  describe.each(RUNGS)('rung %s', (rung) => {
    it.each(cases)('values against float64: $x with $weight, $options', async ({ x, weight, bias, options }) => {
      const { gpu } = held;
      gpu.forcedRung = rung;
      try {
        const [xs, ws] = [randomTensor(gpu, x, 1), randomTensor(gpu, weight, 2)];
        const channels = weight[2] * (options.groups ?? 1);
        const biases = bias ? randomValues(channels, 3) : undefined;
        const y = convTranspose2d(xs, ws, bias ? randomTensor(gpu, [channels], 3) : undefined, options);
        const [from, by] = [
          { shape: x, values: await xs.data() },
          { shape: weight, values: await ws.data() },
        ];
        const expected = reference(from, by, biases, options);
        expect(y.shape).toEqual(expected.shape);
        // Sums of up to some hundred terms: a few roundings of 6e-8.
        expect(relativeError(await y.data(), expected.values)).toBeLessThan(2e-6);
      } finally {
        gpu.forcedRung = undefined;
      }
    });
  });

  it.each(cases)('gradients in mid-graph: $x with $weight, $options', async ({ x, weight, bias, options }) => {
    const { gpu } = held;
    const inputs = [x, weight].map((shape, i) => randomTensor(gpu, shape, i + 1, { requiresGrad: true }));
    if (bias) inputs.push(randomTensor(gpu, [weight[2] * (options.groups ?? 1)], 3, { requiresGrad: true }));
    const checked = await gradcheck(
      (p, w, b) => scale(convTranspose2d(scale(p, 2), scale(w, 0.5), b, options), 3),
      inputs,
      LINEAR,
    );
    expect(checked).toBeGreaterThan(20);
  });

  it('keeps what its gradients read beyond the end of a scope', async () => {
    const { gpu } = held;
    const gradients = async (scoped: boolean) => {
      const shapes = [[2, 4, 3, 4], [3, 3, 8, 4], [8]];
      const inputs = shapes.map((shape, i) => randomTensor(gpu, shape, i + 1, { requiresGrad: true }));
      const [x, weight, bias] = inputs;
      const run = () => scale(convTranspose2d(scale(x, 2), scale(weight, 3), bias, { stride: 2 }), 3);
      const y = scoped ? gpu.scope(run) : run();
      y.backward(randomTensor(gpu, y.shape, 9));
      return Promise.all(inputs.map(({ grad }) => grad!.data()));
    };
    expect(await gradients(true)).toEqual(await gradients(false));
  });

  it('says what does not fit', () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [1, 4, 4, 3], 1);
    const weight = randomTensor(gpu, [3, 3, 8, 3], 2);
    const call = (options: ConvTranspose2dOptions) => () => convTranspose2d(x, weight, undefined, options);
    expect(() => convTranspose2d(x, randomTensor(gpu, [3, 3, 8, 4], 2))).toThrow(
      'convTranspose2d: the input [1,4,4,3] has 3 channels, the weight [3,3,8,4] expects 4.',
    );
    expect(call({ stride: 2, outputPadding: 2 })).toThrow(
      'convTranspose2d: outputPadding [2,2] must be less than stride [2,2] or dilation [1,1].',
    );
    expect(call({ padding: 4 })).toThrow(
      'convTranspose2d: padding [4,4] leaves nothing of the output for an image of 4×4 and a window of 3×3.',
    );
    expect(call({ groups: 2 })).toThrow('3 input and 16 output channels cannot be cut into 2 equal groups');
    expect(() => convTranspose2d(x, weight, randomTensor(gpu, [3], 1))).toThrow('the bias must be [8]');
    expect(() => convTranspose2d(randomTensor(gpu, [4, 3], 1), weight)).toThrow('the input must be [N, H, W, CI]');
  });
});
