import { describe, expect, it } from 'vitest';
import { sentBy } from '../../../bench/dispatches.ts';
import { squeezeExcitation } from '../../../src/autograd/ops/squeeze_excitation.ts';
import {
  conv2d,
  globalAvgPool2d,
  gradcheck,
  mul,
  relu,
  reshape,
  scale,
  sigmoid,
  silu,
  sum,
  type Tensor,
} from '../../../src/node.ts';
import { randomTensor, relativeError, useGpu } from '../../gpu.ts';

const held = useGpu();

const SIZES = [
  { shape: [1, 1, 1, 4], squeezed: 1 },
  { shape: [2, 3, 5, 5], squeezed: 3 },
  { shape: [3, 4, 5, 8], squeezed: 2 },
  { shape: [5, 2, 3, 70], squeezed: 67 },
  { shape: [2, 9, 7, 132], squeezed: 9 },
] as const;
const CASES = SIZES.flatMap((size) => (['relu', 'silu'] as const).map((activation) => ({ ...size, activation })));

function inputs({ shape, squeezed }: { shape: readonly number[]; squeezed: number }): Tensor[] {
  const { gpu } = held;
  const channels = shape[3];
  const shapes = [shape, [1, 1, channels, squeezed], [squeezed], [1, 1, squeezed, channels], [channels]];
  return shapes.map((own, i) => randomTensor(gpu, own, i + 1, { requiresGrad: true }));
}

/** The same by an operation for each step. */
function plain([x, w1, b1, w2, b2]: readonly Tensor[], activation: 'relu' | 'silu'): Tensor {
  const means = reshape(globalAvgPool2d(x), [x.shape[0], 1, 1, x.shape[3]]);
  const hidden = (activation === 'relu' ? relu : silu)(conv2d(means, w1, b1));
  return mul(x, sigmoid(conv2d(hidden, w2, b2)));
}

const fused = ([x, w1, b1, w2, b2]: readonly Tensor[], activation: 'relu' | 'silu') =>
  squeezeExcitation(x, { w1, b1, w2, b2 }, activation);

describe('squeezeExcitation', () => {
  it.each(CASES)('of $shape through $squeezed, $activation: output and gradients as of its steps', async (size) => {
    const results: Float32Array[][] = [];
    for (const work of [fused, plain]) {
      const given = inputs(size);
      const y = work([scale(given[0], 2), ...given.slice(1)], size.activation);
      sum(mul(y, randomTensor(held.gpu, size.shape, 9))).backward();
      results.push([await y.data(), ...(await Promise.all(given.map(({ grad }) => (grad as Tensor).data())))]);
    }
    const [own, steps] = results;
    expect(own.map(({ length }) => length)).toEqual(steps.map(({ length }) => length));
    // Sums of up to 134 terms, in another order.
    own.forEach((values, i) => {
      expect(relativeError(values, steps[i])).toBeLessThan(3e-6);
    });
  });

  it.each(CASES.slice(0, 6))('gradients in mid-graph: $shape through $squeezed, $activation', async (size) => {
    const f = (...given: Tensor[]) => {
      const y = fused([scale(given[0], 2), ...given.slice(1)], size.activation);
      return mul(y, y);
    };
    expect(await gradcheck(f, inputs(size))).toBeGreaterThan(8);
  });

  it('of no images gives none, and gradients of 0', async () => {
    const given = inputs({ shape: [0, 3, 3, 4], squeezed: 2 });
    const y = fused(given, 'silu');
    expect(y.shape).toEqual([0, 3, 3, 4]);
    sum(y).backward();
    for (const weight of given.slice(1)) {
      expect(await (weight.grad as Tensor).data()).toEqual(new Float32Array(weight.size));
    }
  });

  it('computes the gradients alone that are wanted', async () => {
    const given = inputs({ shape: [2, 3, 5, 8], squeezed: 3 });
    const train = (of: Tensor[]) => sentBy(held.gpu, () => sum(fused(of, 'relu')).backward()).dispatches;
    const all = train(given);
    const frozen = inputs({ shape: [2, 3, 5, 8], squeezed: 3 });
    for (const weight of frozen.slice(1)) weight.requiresGrad = false;
    expect(train(frozen)).toBe(all - 1);
    expect(frozen.slice(1).map(({ grad }) => grad)).toEqual([undefined, undefined, undefined, undefined]);
    expect(await (frozen[0].grad as Tensor).data()).toEqual(await (given[0].grad as Tensor).data());
  });

  it('hands NaN on to its image alone', async () => {
    const given = inputs({ shape: [3, 2, 2, 4], squeezed: 2 });
    const values = await given[0].data();
    values[17] = Number.NaN;
    given[0].gpu.write(given[0].buffer, values);
    const y = await fused(given, 'relu').data();
    expect([...y].map(Number.isNaN)).toEqual([...values].map((_, i) => i >= 16 && i < 32));
  });

  it('says what does not fit', () => {
    const [x, w1, b1, w2, b2] = inputs({ shape: [2, 3, 3, 4], squeezed: 2 });
    expect(() => squeezeExcitation(x, { w1: w2, b1, w2, b2 })).toThrow(
      'squeezeExcitation: w1 must be [4,2] for 4 channels; its shape is [1,1,2,4].',
    );
    expect(() => squeezeExcitation(b1, { w1, b1, w2, b2 })).toThrow('must be [N, H, W, C]; its shape is [2].');
  });
});
