import { describe, expect, it } from 'vitest';
import { avgPool1d, conv1d, gradcheck, maxPool1d, scale } from '../../../src/node.ts';
import { randomTensor, relativeError, spacedTensor, useGpu } from '../../gpu.ts';
import { agreesWithPyTorch } from './golden_operations.ts';

const held = useGpu();

const sequences = { layout: 'sequences' } as const;
agreesWithPyTorch('conv1d', (x, { weight, bias }, options) => conv1d(x, weight, bias, options), sequences);
agreesWithPyTorch('maxPool1d', (x, _, options) => maxPool1d(x, options), sequences);
agreesWithPyTorch('avgPool1d', (x, _, options) => avgPool1d(x, options), sequences);

// Linear in each argument, so a step of 0.5 has no curvature error and little rounding.
const LINEAR = { step: 0.5, absolute: 2e-5, relative: 2e-5, elements: 40 };

describe('conv1d', () => {
  it('is the sum over taps and channels', async () => {
    const { gpu } = held;
    const [x, weight] = [randomTensor(gpu, [2, 7, 3], 1), randomTensor(gpu, [3, 3, 4], 2)];
    const [xs, ws] = [await x.data(), await weight.data()];
    const expected: number[] = [];
    for (let n = 0; n < 2; n++)
      for (let o = 0; o < 4; o++)
        for (let co = 0; co < 4; co++) {
          let sum = 0;
          for (let k = 0; k < 3; k++) {
            const l = o * 2 + k * 2 - 2;
            for (let ci = 0; ci < 3 && l >= 0 && l < 7; ci++)
              sum += xs[(n * 7 + l) * 3 + ci] * ws[(k * 3 + ci) * 4 + co];
          }
          expected.push(sum);
        }
    const y = conv1d(x, weight, undefined, { stride: 2, padding: 2, dilation: 2 });
    expect(y.shape).toEqual([2, 4, 4]);
    expect(relativeError(await y.data(), expected)).toBeLessThan(1e-6);
  });

  it('gradients in mid-graph', async () => {
    const { gpu } = held;
    const inputs = [[2, 6, 4], [4, 2, 6], [6]].map((shape, i) =>
      randomTensor(gpu, shape, i + 1, { requiresGrad: true }),
    );
    const options = { padding: 'same', groups: 2 } as const;
    await gradcheck((x, w, b) => scale(conv1d(scale(x, 2), scale(w, 0.5), b, options), 3), inputs, LINEAR);
  });

  it('says what does not fit', () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [2, 7, 3], 1);
    expect(() => conv1d(randomTensor(gpu, [7, 3], 1), x)).toThrow(
      'conv1d: the input must be [N, L, C]; its shape is [7,3].',
    );
    expect(() => conv1d(x, randomTensor(gpu, [3, 4], 1))).toThrow('conv1d: the weight must be [K, CI / groups, CO]');
    expect(() => conv1d(x, randomTensor(gpu, [3, 4, 5], 1))).toThrow('conv1d: the input [2,1,7,3] has 3 channels');
  });
});

describe('pooling of sequences', () => {
  it('gradients in mid-graph', async () => {
    const { gpu } = held;
    // Steps of 1e-2 on values 0.05 apart never change a winner.
    const spaced = spacedTensor(gpu, [2, 9, 4], 1, 0.05, { requiresGrad: true });
    const max = { kernelSize: 3, stride: 2, padding: 1, dilation: 2, ceilMode: true };
    await gradcheck((x) => scale(maxPool1d(scale(x, 2), max), 3), [spaced]);
    const x = randomTensor(gpu, [2, 8, 3], 1, { requiresGrad: true });
    const mean = { kernelSize: 3, padding: 1, countIncludePad: false, ceilMode: true };
    await gradcheck((t) => scale(avgPool1d(scale(t, 2), mean), 3), [x], LINEAR);
  });

  it('steps by its size where no stride is given, and says what does not fit', () => {
    const x = randomTensor(held.gpu, [2, 7, 3], 1);
    expect(maxPool1d(x, { kernelSize: 2 }).shape).toEqual([2, 3, 3]);
    expect(avgPool1d(x, { kernelSize: 3 }).shape).toEqual([2, 2, 3]);
    expect(() => maxPool1d(x, { kernelSize: 8 })).toThrow('maxPool1d: the window [1, 8] does not fit');
    expect(() => avgPool1d(x, { kernelSize: 2, padding: 2 })).toThrow('avgPool1d: padding [0, 2] is more than half');
  });
});
