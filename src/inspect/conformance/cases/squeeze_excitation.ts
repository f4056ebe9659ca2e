import {
  type SqueezeShape,
  type SqueezeWeights,
  squeezeExcitation,
  squeezeExcitationGrad,
} from '../../../kernels/squeeze_excitation.ts';
import type { KernelCase, KernelFamily } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';

const logistic = (v: number) => 1 / (1 + Math.exp(-v));

const squeezeCase = (s: SqueezeShape): KernelCase => ({
  name: `${s.images} images of ${s.pixels} pixels, ${s.channels} channels, ${s.squeezed} between, ${s.activation}`,
  quick: s.images === 3,
  prepare() {
    const { images, pixels, channels, squeezed, activation } = s;
    const x = randomValues(images * pixels * channels, 1);
    const dy = randomValues(x.length, 2);
    const [w1, w2] = [randomValues(channels * squeezed, 3), randomValues(squeezed * channels, 4)];
    const [b1, b2] = [randomValues(squeezed, 5), randomValues(channels, 6)];
    const f = (v: number) => (activation === 'relu' ? Math.max(v, 0) : v * logistic(v));
    const slope = (v: number) => (activation === 'relu' ? Number(v > 0) : logistic(v) * (1 + v * (1 - logistic(v))));
    const table = (count: number, of: (n: number, i: number) => number) =>
      Float64Array.from({ length: images * count }, (_, i) => of(Math.floor(i / count), i % count));
    const sum = (count: number, of: (i: number) => number) => {
      let total = 0;
      for (let i = 0; i < count; i++) total += of(i);
      return total;
    };
    const place = (n: number, p: number, c: number) => (n * pixels + p) * channels + c;
    const means = table(channels, (n, c) => sum(pixels, (p) => x[place(n, p, c)]) / pixels);
    const hidden = table(
      squeezed,
      (n, j) => b1[j] + sum(channels, (c) => means[n * channels + c] * w1[c * squeezed + j]),
    );
    const excited = hidden.map(f);
    const factor = table(channels, (n, c) =>
      logistic(b2[c] + sum(squeezed, (j) => excited[n * squeezed + j] * w2[j * channels + c])),
    );
    const each = (of: (n: number, c: number, i: number) => number) =>
      Float64Array.from(x, (_, i) => of(Math.floor(i / (pixels * channels)), i % channels, i));
    const y = each((n, c, i) => x[i] * factor[n * channels + c]);
    const dlogit = table(channels, (n, c) => {
      const own = factor[n * channels + c];
      return sum(pixels, (p) => dy[place(n, p, c)] * x[place(n, p, c)]) * own * (1 - own);
    });
    const dhidden = table(
      squeezed,
      (n, j) => slope(hidden[n * squeezed + j]) * sum(channels, (c) => dlogit[n * channels + c] * w2[j * channels + c]),
    );
    const dmeans = table(channels, (n, c) => sum(squeezed, (j) => dhidden[n * squeezed + j] * w1[c * squeezed + j]));
    const expected = {
      dx: each((n, c, i) => dy[i] * factor[n * channels + c] + dmeans[n * channels + c] / pixels),
      w1: Float64Array.from(w1, (_, i) =>
        sum(images, (n) => means[n * channels + Math.floor(i / squeezed)] * dhidden[n * squeezed + (i % squeezed)]),
      ),
      b1: Float64Array.from(b1, (_, j) => sum(images, (n) => dhidden[n * squeezed + j])),
      w2: Float64Array.from(w2, (_, i) =>
        sum(images, (n) => excited[n * squeezed + Math.floor(i / channels)] * dlogit[n * channels + (i % channels)]),
      ),
      b2: Float64Array.from(b2, (_, c) => sum(images, (n) => dlogit[n * channels + c])),
    };
    // Sums of sums: what the first rounds the second carries on.
    const of = (values: Float64Array) => ({ values, terms: pixels * channels, roundings: 60 });
    return (gpu) => {
      const [gx, gdy] = [gpu.upload(x, 'x'), gpu.upload(dy, 'dy')];
      const [gw1, gb1, gw2, gb2] = [w1, b1, w2, b2].map((values) => gpu.upload(values, 'weights'));
      const weights: SqueezeWeights = { w1: gw1, b1: gb1, w2: gw2, b2: gb2 };
      const [gm, gh, ge, gf] = [means, hidden, excited, factor].map((v) => gpu.upload(Float32Array.from(v), 'kept'));
      const forward = () => squeezeExcitation(gx, weights, s);
      const backward = () =>
        squeezeExcitationGrad(gdy, gx, weights, { means: gm, hidden: gh, excited: ge, factor: gf }, s, {
          ...{ input: true, weights: true },
        });
      return [
        { name: 'hidden', run: () => forward().hidden, ...of(hidden) },
        { name: 'excited', run: () => forward().excited, ...of(excited) },
        { name: 'factor', run: () => forward().factor, ...of(factor) },
        { name: 'y', run: () => forward().y, ...of(y) },
        { name: 'dx', run: () => backward().dx!, ...of(expected.dx) },
        ...(['w1', 'b1', 'w2', 'b2'] as const).map((name) => ({
          ...{ name: `d${name}`, run: () => backward().weights![name], ...of(expected[name]) },
        })),
      ];
    };
  },
});

export const SQUEEZE_EXCITATION: KernelFamily = {
  kernels: 'squeeze_excitation',
  cases: [
    { images: 1, pixels: 1, channels: 1, squeezed: 1, activation: 'relu' as const },
    { images: 3, pixels: 30, channels: 6, squeezed: 2, activation: 'silu' as const },
    { images: 3, pixels: 49, channels: 16, squeezed: 4, activation: 'relu' as const },
    // More than a workgroup's invocations.
    { images: 2, pixels: 16, channels: 96, squeezed: 70, activation: 'silu' as const },
  ].map(squeezeCase),
};
