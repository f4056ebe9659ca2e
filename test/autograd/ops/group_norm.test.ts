import { describe, expect, it } from 'vitest';
import { gradcheck, groupNorm, layerNorm, type NormOptions, scale, type Tensor, tensor } from '../../../src/node.ts';
import { randomTensor, randomValues, relativeError, useGpu } from '../../gpu.ts';
import { agreesWithPyTorch } from './golden_operations.ts';

const held = useGpu();

// Values are divided by their own spread, to which some hundred roundings of 6e-8 add.
agreesWithPyTorch('groupNorm', (x, params, { groups }: { groups: number }) => groupNorm(x, groups, params), {
  tolerance: 4e-6,
});
agreesWithPyTorch(
  'layerNorm',
  (x, params, { normalizedShape }: { normalizedShape: number[] }) => layerNorm(x, normalizedShape, params),
  { layout: 'same', tolerance: 4e-6 },
);

/** Blocks that are normalised each: of [samples, pixels, groups, width], all of one sample and group. */
interface Blocks {
  samples: number;
  pixels: number;
  groups: number;
  width: number;
}

/** y, dx, dweight and dbias by their formulas in float64. */
function reference(x: ArrayLike<number>, w: ArrayLike<number>, b: ArrayLike<number>, dy: ArrayLike<number>, s: Blocks) {
  const { samples, pixels, groups, width } = s;
  const channels = groups * width;
  const [y, dx] = [new Float64Array(x.length), new Float64Array(x.length)];
  const [dweight, dbias] = [new Float64Array(channels), new Float64Array(channels)];
  const size = pixels * width;
  for (let n = 0; n < samples; n++)
    for (let g = 0; g < groups; g++) {
      const places = Array.from({ length: size }, (_, e) => {
        const channel = g * width + (e % width);
        return { at: (n * pixels + Math.floor(e / width)) * channels + channel, channel };
      });
      const total = (f: (place: { at: number; channel: number }) => number) =>
        places.reduce((sum, place) => sum + f(place), 0);
      const mean = total(({ at }) => x[at]) / size;
      const invstd = 1 / Math.sqrt(total(({ at }) => (x[at] - mean) ** 2) / size + 1e-5);
      const normal = (at: number) => (x[at] - mean) * invstd;
      const direct = total(({ at, channel }) => dy[at] * w[channel]);
      const turned = total(({ at, channel }) => dy[at] * w[channel] * normal(at));
      for (const { at, channel } of places) {
        y[at] = normal(at) * w[channel] + b[channel];
        dx[at] = invstd * (dy[at] * w[channel] - (direct + normal(at) * turned) / size);
        dweight[channel] += dy[at] * normal(at);
        dbias[channel] += dy[at];
      }
    }
  return { y, dx, dweight, dbias };
}

const values = { low: 1, high: 3 };

/** Compares an operation's four results with the reference. */
async function compare(shape: number[], affine: number[], s: Blocks, run: (x: Tensor, params: NormOptions) => Tensor) {
  const { gpu } = held;
  // Far from 0, so that a variance taken as the difference of two large numbers would show.
  const x = randomTensor(gpu, shape, 1, { requiresGrad: true, ...values });
  const weight = randomTensor(gpu, affine, 2, { requiresGrad: true });
  const bias = randomTensor(gpu, affine, 3, { requiresGrad: true });
  const dy = randomValues(x.size, 4);
  const y = run(x, { weight, bias });
  expect(y.shape).toEqual(shape);
  y.backward(tensor(gpu, dy, shape));
  const expected = reference(await x.data(), await weight.data(), await bias.data(), dy, s);
  const actual = { y, dx: x.grad!, dweight: weight.grad!, dbias: bias.grad! };
  for (const name of ['y', 'dx', 'dweight', 'dbias'] as const) {
    // Values up to 3 are rounded by 2e-7 and divided by a spread of 0.6, then again some hundred terms added.
    expect(relativeError(await actual[name].data(), expected[name]), name).toBeLessThan(5e-6);
  }
}

describe('groupNorm', () => {
  it.each([
    { shape: [2, 4, 3, 6], groups: 3 },
    { shape: [1, 5, 7, 8], groups: 2 },
    // One block of a whole image, added up by many lanes.
    { shape: [1, 19, 17, 12], groups: 1 },
    // Several workgroups of lanes, of which some own one block and some two, the last of them one.
    { shape: [4, 17, 16, 8], groups: 1 },
    { shape: [3, 12, 16, 12], groups: 3 },
    // More blocks than lanes that a software driver needs.
    { shape: [67, 2, 3, 16], groups: 4 },
    { shape: [3, 1, 1, 5], groups: 1 },
    // Each channel for itself.
    { shape: [2, 9, 8, 4], groups: 4 },
    { shape: [3, 33, 10], groups: 5 },
    { shape: [5, 24], groups: 3 },
  ])('values and gradients against float64: $shape in $groups groups', async ({ shape, groups }) => {
    const [samples, channels] = [shape[0], shape[shape.length - 1]];
    const pixels = shape.slice(1, -1).reduce((a, b) => a * b, 1);
    const blocks = { samples, pixels, groups, width: channels / groups };
    await compare(shape, [channels], blocks, (x, params) => groupNorm(x, groups, params));
  });

  it.each([
    { shape: [2, 3, 4, 6], groups: 3, parts: ['weight', 'bias'] },
    { shape: [1, 4, 3, 8], groups: 1, parts: ['bias'] },
    { shape: [2, 2, 3, 8], groups: 2, parts: ['weight'] },
    { shape: [2, 5, 4, 4], groups: 4, parts: [] },
  ])('gradients in mid-graph: $shape in $groups groups, with $parts', async ({ shape, groups, parts }) => {
    const { gpu } = held;
    const inputs = [randomTensor(gpu, shape, 1, { requiresGrad: true, low: -2, high: 2 })];
    for (const [i] of parts.entries()) inputs.push(randomTensor(gpu, [shape[3]], i + 2, { requiresGrad: true }));
    const checked = await gradcheck((x, ...params) => {
      const named = Object.fromEntries(parts.map((part, i) => [part, params[i]]));
      return scale(groupNorm(scale(x, 2), groups, named), 0.5);
    }, inputs);
    expect(checked).toBeGreaterThan(20);
  });

  it('keeps what its gradients read beyond the end of a scope', async () => {
    const { gpu } = held;
    const gradients = async (scoped: boolean) => {
      const inputs = [[2, 3, 3, 6], [6], [6]].map((shape, i) =>
        randomTensor(gpu, shape, i + 1, { requiresGrad: true }),
      );
      const [x, weight, bias] = inputs;
      const run = () => scale(groupNorm(scale(x, 2), 3, { weight, bias }), 3);
      const y = scoped ? gpu.scope(run) : run();
      y.backward(randomTensor(gpu, y.shape, 9));
      return Promise.all(inputs.map(({ grad }) => grad!.data()));
    };
    expect(await gradients(true)).toEqual(await gradients(false));
  });

  it('keeps its digits where the mean is a thousand times the spread', async () => {
    const shape = [1, 9, 9, 8];
    const x = randomTensor(held.gpu, shape, 1, { low: 1000, high: 1001 });
    const ones = new Float32Array(8).fill(1);
    const blocks = { samples: 1, pixels: 81, groups: 2, width: 4 };
    const { y } = reference(await x.data(), ones, new Float32Array(8), ones, blocks);
    // The mean is rounded by 6e-5, of a spread of 0.3; the difference of the means of squares would be off by 0.06 of a variance of 0.08.
    expect(relativeError(await groupNorm(x, 2).data(), y)).toBeLessThan(4e-4);
  });

  it('says what does not fit', () => {
    const x = randomTensor(held.gpu, [1, 2, 2, 6], 1);
    expect(() => groupNorm(x, 4)).toThrow('groupNorm: 6 channels cannot be cut into 4 equal groups.');
    expect(() => groupNorm(x, 3, { weight: randomTensor(held.gpu, [3], 1) })).toThrow(
      'groupNorm: weight must be [6] for the input [1,2,2,6]; its shape is [3].',
    );
    expect(() => groupNorm(randomTensor(held.gpu, [6], 1), 3)).toThrow('groupNorm: the input must be [N, …, C]');
  });
});

describe('layerNorm', () => {
  it.each([
    { shape: [2, 3, 4, 8], axes: [8] },
    { shape: [5, 7], axes: [7] },
    { shape: [1, 333], axes: [333] },
    { shape: [300, 12], axes: [12] },
    { shape: [2, 5, 6], axes: [5, 6] },
    { shape: [2, 9, 7, 4], axes: [9, 7, 4] },
  ])('values and gradients against float64: $shape over $axes', async ({ shape, axes }) => {
    const width = axes.reduce((a, b) => a * b, 1);
    const samples = shape.reduce((a, b) => a * b, 1) / width;
    const blocks = { samples, pixels: 1, groups: 1, width };
    await compare(shape, axes, blocks, (x, params) => layerNorm(x, axes, params));
  });

  it.each([
    { shape: [2, 3, 5], axes: [5] },
    { shape: [1, 3, 2, 4], axes: [2, 4] },
  ])('gradients in mid-graph: $shape over $axes', async ({ shape, axes }) => {
    const { gpu } = held;
    const x = randomTensor(gpu, shape, 1, { requiresGrad: true, low: -2, high: 2 });
    const [w, b] = [2, 3].map((seed) => randomTensor(gpu, axes, seed, { requiresGrad: true }));
    await gradcheck((t, weight, bias) => scale(layerNorm(scale(t, 2), axes, { weight, bias }), 0.5), [x, w, b]);
  });

  it('takes one number for one axis', async () => {
    const x = randomTensor(held.gpu, [3, 6], 1);
    expect(await layerNorm(x, 6).data()).toEqual(await layerNorm(x, [6]).data());
  });

  it('says what does not fit', () => {
    const x = randomTensor(held.gpu, [2, 3, 5], 1);
    expect(() => layerNorm(x, [3])).toThrow(
      "layerNorm: the input's last axes must be [3], which are normalised; its shape is [2,3,5].",
    );
    expect(() => layerNorm(x, [])).toThrow("layerNorm: the input's last axes must be []");
    expect(() => layerNorm(x, 5, { bias: randomTensor(held.gpu, [3, 5], 1) })).toThrow('layerNorm: bias must be [5]');
  });
});
