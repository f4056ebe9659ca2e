import { describe, expect, it } from 'vitest';
import { channelPool2d, globalMaxPool2d, gradcheck, mul, scale, type Tensor, tensor } from '../../../src/node.ts';
import { randomValues, relativeError, spacedTensor, useGpu } from '../../gpu.ts';

const held = useGpu();

const SHAPES = [
  [2, 3, 5, 4],
  [1, 1, 1, 1],
  [3, 7, 2, 5],
  [1, 20, 17, 9],
];

describe('globalMaxPool2d and channelPool2d', () => {
  it.each(SHAPES)('values against plain loops: [%i, %i, %i, %i]', async (n, h, w, c) => {
    const { gpu } = held;
    const x = randomValues(n * h * w * c, 1);
    const images = tensor(gpu, x, [n, h, w, c]);
    const largest = Array.from({ length: n * c }, (_, i) => {
      const image = x.subarray(Math.floor(i / c) * h * w * c, (Math.floor(i / c) + 1) * h * w * c);
      return Math.max(...image.filter((_, at) => at % c === i % c));
    });
    expect([...(await globalMaxPool2d(images).data())]).toEqual(largest);
    const pooled = Array.from({ length: n * h * w }, (_, p) => {
      const pixel = [...x.subarray(p * c, (p + 1) * c)];
      return [Math.max(...pixel), pixel.reduce((sum, v) => sum + v, 0) / c];
    }).flat();
    // A mean of at most nine numbers.
    expect(relativeError(await channelPool2d(images).data(), pooled)).toBeLessThan(3e-7);
  });

  it('gradients in mid-graph', async () => {
    const { gpu } = held;
    for (const shape of SHAPES.slice(0, 3)) {
      // Steps of 1e-2 on values 0.05 apart never change a winner.
      const x = spacedTensor(gpu, shape, 2, 0.05, { requiresGrad: true });
      await gradcheck((t) => scale(globalMaxPool2d(scale(t, 2)), 3), [x]);
      await gradcheck(
        (t) => {
          const y = channelPool2d(scale(t, 2));
          return mul(y, y);
        },
        [x],
        { absolute: 3e-3 },
      );
    }
  });

  it('give the gradient of equal values to the first, and let NaN through', async () => {
    const { gpu } = held;
    const x = tensor(gpu, Float32Array.of(5, 5, 5, 5), [1, 2, 1, 2], { requiresGrad: true });
    globalMaxPool2d(x).backward(tensor(gpu, Float32Array.of(1, 2), [1, 2]));
    expect([...(await (x.grad as Tensor).data())]).toEqual([1, 2, 0, 0]);
    x.zeroGrad();
    channelPool2d(x).backward(tensor(gpu, Float32Array.of(1, 0, 2, 0), [1, 2, 1, 2]));
    expect([...(await (x.grad as Tensor).data())]).toEqual([1, 0, 2, 0]);
    const broken = tensor(gpu, Float32Array.of(Number.NaN, 1, 3, 2), [1, 2, 1, 2]);
    expect([...(await globalMaxPool2d(broken).data())]).toEqual([Number.NaN, 2]);
    expect([...(await channelPool2d(broken).data())]).toEqual([Number.NaN, Number.NaN, 3, 2.5]);
  });

  it('say which shape they want', () => {
    const { gpu } = held;
    const matrix = tensor(gpu, new Float32Array(6), [2, 3]);
    expect(() => globalMaxPool2d(matrix)).toThrow(
      'globalMaxPool2d: images [N, H, W, C] are needed; the shape is [2,3].',
    );
    expect(() => channelPool2d(matrix)).toThrow('channelPool2d: images [N, H, W, C] are needed; the shape is [2,3].');
  });
});
