import { expect, it } from 'vitest';
import { gradcheck, Softmax, scale } from '../../../src/node.ts';
import { randomTensor, relativeError, useGpu } from '../../gpu.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [
    [() => new Softmax(), [4, 7], [4, 7]],
    [() => new Softmax(), [2, 3, 5, 4], [2, 3, 5, 4]],
    [() => new Softmax(), [6], [6]],
  ],
  texts: [[() => new Softmax(), 'Softmax']],
});

const held = useGpu();

it('shares one among the channels of each pixel', async () => {
  const x = randomTensor(held.gpu, [2, 3, 2, 5], 1, { requiresGrad: true });
  const values = await x.data();
  const expected = values.map((value, i) => {
    const pixel = values.subarray(i - (i % 5), i - (i % 5) + 5);
    return Math.exp(value) / pixel.reduce((sum, other) => sum + Math.exp(other), 0);
  });
  const layer = new Softmax();
  expect(relativeError(await layer.call(x).data(), expected)).toBeLessThan(1e-6);
  await gradcheck((t) => scale(layer.call(scale(t, 2)), 3), [x]);
});
