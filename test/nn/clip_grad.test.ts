import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { squareSums } from '../../src/kernels/clip.ts';
import { clipGradNorm, clipGradValue, type Gpu, openDevice, Parameter, type Tensor, tensor } from '../../src/node.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';

interface Clipped {
  limit: number;
  /** What the gradients are multiplied by first. */
  scale: number;
  norm: number | null;
  gradients: number[][];
}

const golden: { shapes: number[][]; gradients: number[][]; norm: Clipped[]; value: Clipped[] } = JSON.parse(
  readFileSync(new URL('../fixtures/nn/clip_grad.json', import.meta.url), 'utf8'),
);

/** A norm of some hundred squares, added in pairs, and a handful of roundings after it, each of 6e-8. */
const TOLERANCE = 1e-6;

const held = useGpu();

function parametersWith(gpu: Gpu, gradients: readonly ArrayLike<number>[]): Parameter[] {
  return gradients.map((values) => {
    const parameter = new Parameter(gpu, new Float32Array(values.length), [values.length]);
    parameter.grad = tensor(gpu, Float32Array.from(values), [values.length]);
    return parameter;
  });
}

const gradientsOf = (parameters: readonly Parameter[]) =>
  Promise.all(parameters.map(({ grad }) => (grad as Tensor).data()));

describe('clipGradNorm', () => {
  it.each(golden.norm)(
    'as PyTorch: limit $limit, gradients times $scale',
    async ({ limit, scale, norm, gradients }) => {
      const scaled = golden.gradients.map((values) => values.map((value) => value * scale));
      const parameters = parametersWith(held.gpu, scaled);
      const found = clipGradNorm(parameters, limit) as Tensor;
      expect(found.shape).toEqual([]);
      expect(relativeError([await found.item()], [norm ?? Number.NaN])).toBeLessThan(TOLERANCE);
      for (const [i, values] of (await gradientsOf(parameters)).entries()) {
        expect(relativeError(values, gradients[i]), `tensor ${i}`).toBeLessThan(TOLERANCE);
      }
    },
  );

  it('leaves gradients as they are whose norm is below the limit, however near', async () => {
    const parameters = parametersWith(held.gpu, [[3, 4]]);
    clipGradNorm(parameters, 7);
    expect([...(await gradientsOf(parameters))[0]]).toEqual([3, 4]);
  });

  it('counts every element once, whatever the lengths, and nothing between the arrays', async () => {
    const { gpu } = held;
    const lengths = [1, 3, 4096, 5, 4097, 64, 20_000, 2];
    const gradients = lengths.map((length, i) => randomValues(length, i + 1));
    const parameters = parametersWith(gpu, gradients);
    const norm = Math.hypot(
      ...gradients.map((values) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0))),
    );
    expect(relativeError([await (clipGradNorm(parameters, 3) as Tensor).item()], [norm])).toBeLessThan(TOLERANCE);
    for (const [i, values] of (await gradientsOf(parameters)).entries()) {
      const expected = gradients[i].map((value) => (value * 3) / (norm + 1e-6));
      expect(relativeError(values, expected), `${lengths[i]} elements`).toBeLessThan(TOLERANCE);
    }
  });

  it('gives the same bits each time', async () => {
    const clip = async () => {
      const parameters = parametersWith(held.gpu, [randomValues(9000, 1), randomValues(33, 2)]);
      clipGradNorm(parameters, 1);
      return gradientsOf(parameters);
    };
    expect(await clip()).toEqual(await clip());
  });

  it('hands a NaN on to the norm and to every gradient, so that it is seen', async () => {
    const parameters = parametersWith(held.gpu, [[1, Number.NaN], [2]]);
    expect(await (clipGradNorm(parameters, 1) as Tensor).item()).toBeNaN();
    expect(await gradientsOf(parameters)).toEqual([
      Float32Array.of(Number.NaN, Number.NaN),
      Float32Array.of(Number.NaN),
    ]);
  });

  it('takes three dispatches and no upload once it knows the lengths, and passes over who has no gradient', async () => {
    // The dispatches that poison new memory would count.
    const gpu = await openDevice();
    try {
      const parameters = parametersWith(gpu, [[3], [7, 7], [4]]);
      parameters[1].zeroGrad();
      const counts = () => {
        const { dispatches, uploads, readbacks } = gpu.counters;
        const norm = clipGradNorm(parameters, 10) as Tensor;
        const now = gpu.counters;
        return { norm, counts: [now.dispatches - dispatches, now.uploads - uploads, now.readbacks - readbacks] };
      };
      expect(await counts().norm.item()).toBeCloseTo(5, 5);
      expect(counts().counts).toEqual([3, 0, 0]);
      for (const parameter of parameters) parameter.zeroGrad();
      expect(clipGradNorm(parameters, 1)).toBeUndefined();
      expect(() => clipGradNorm(parameters, Number.NaN)).toThrow(
        'clipGradNorm: maxNorm must be a number of at least 0, not NaN.',
      );
    } finally {
      gpu.close();
    }
  });
});

describe('clipGradValue', () => {
  it.each(golden.value)('as PyTorch: limit $limit', async ({ limit, gradients }) => {
    const parameters = parametersWith(held.gpu, golden.gradients);
    clipGradValue(parameters, limit);
    for (const [i, values] of (await gradientsOf(parameters)).entries()) {
      expect(relativeError(values, gradients[i]), `tensor ${i}`).toBeLessThan(1e-7);
    }
  });

  it('leaves NaN as it is', async () => {
    const parameters = parametersWith(held.gpu, [[5, Number.NaN, Number.NEGATIVE_INFINITY]]);
    clipGradValue(parameters, 2);
    expect(await gradientsOf(parameters)).toEqual([Float32Array.of(2, Number.NaN, -2)]);
    expect(() => clipGradValue(parameters, -1)).toThrow(
      'clipGradValue: clipValue must be a number of at least 0, not -1.',
    );
  });
});

describe('squareSums', () => {
  it('adds up the squares of each array, small and large, in pieces that say whose they are', async () => {
    const { gpu } = held;
    const lengths = [5, 70_001, 4097, 1];
    const values = lengths.map((length, i) => randomValues(length, i + 1));
    const arrays = values.map((one) => gpu.upload(one, 'test'));
    const { partial, owners } = squareSums(arrays);
    const pieces = await partial.read();
    expect(owners).toHaveLength(pieces.length);
    const sums = lengths.map(() => 0);
    for (const [piece, owner] of owners.entries()) sums[owner] += pieces[piece];
    const expected = values.map((one) => one.reduce((sum, value) => sum + value ** 2, 0));
    for (const [i, sum] of sums.entries()) expect(Math.abs(sum / expected[i] - 1)).toBeLessThan(TOLERANCE);
  });
});
