import { describe, expect, it } from 'vitest';
import { record } from '../../src/autograd/record.ts';
import * as kernels from '../../src/kernels/elementwise.ts';
import { gradcheck, mul, type Tensor } from '../../src/node.ts';
import { randomTensor, useGpu } from '../gpu.ts';

const held = useGpu();

/** y = 2x whose rule says `claimed`. */
const doubled = (x: Tensor, claimed: number) =>
  record('doubled', {
    inputs: [x],
    output: kernels.scale(x.buffer, 2),
    shape: x.shape,
    backward: (dy) => [kernels.scale(dy, claimed)],
  });

describe('gradcheck', () => {
  it('passes a right rule and says how many elements it checked', async () => {
    const x = randomTensor(held.gpu, [3, 4], 1, { requiresGrad: true });
    expect(await gradcheck((t) => doubled(t, 2), [x])).toBe(12);
    expect(await gradcheck((t, u) => mul(t, u), [x, randomTensor(held.gpu, [3, 4], 2)])).toBe(12);
  });

  it('finds a rule that is wrong by a per cent, naming input and element', async () => {
    const x = randomTensor(held.gpu, [3, 4], 1, { requiresGrad: true });
    await expect(gradcheck((t) => doubled(t, 2.02), [x])).rejects.toThrow(
      /gradcheck: input 0 \[3,4\], element \d+: backward gives/,
    );
    await expect(gradcheck((t) => doubled(t, Number.NaN), [x])).rejects.toThrow('backward gives NaN');
  });

  it('finds a rule with the wrong number of elements, or none', async () => {
    const x = randomTensor(held.gpu, [4], 1, { requiresGrad: true });
    const broken = (backward: () => []) => (t: Tensor) =>
      record('broken', { inputs: [t], output: kernels.copy(t.buffer), shape: t.shape, backward });
    await expect(
      gradcheck(
        broken(() => []),
        [x],
      ),
    ).rejects.toThrow('broken: its backward rule gave no gradient for input 0.');
    const long = (t: Tensor) =>
      record('long', {
        inputs: [t],
        output: kernels.copy(t.buffer),
        shape: t.shape,
        backward: () => [kernels.fill(held.gpu, 5, 1)],
      });
    await expect(gradcheck(long, [x])).rejects.toThrow(
      'long: its backward rule gave 5 elements for an input of shape [4].',
    );
  });
});
