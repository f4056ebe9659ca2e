import { describe, expect, it } from 'vitest';
import { nllLoss, nllLossGrad, onlyKept, setAside } from '../../src/kernels/nll_loss.ts';
import { randomValues, useGpu } from '../gpu.ts';

const held = useGpu();
const { NaN: nan } = Number;

describe.each([
  { rows: 1, classes: 1 },
  { rows: 5, classes: 3 },
  { rows: 256, classes: 7 },
  { rows: 0, classes: 3 },
])('nllLoss of [$rows, $classes]', ({ rows, classes }) => {
  it.each([
    { weighted: false, ignored: undefined },
    { weighted: true, ignored: undefined },
    { weighted: false, ignored: 255 },
    { weighted: true, ignored: 0 },
  ])('weighted $weighted, ignoring $ignored', async ({ weighted, ignored }) => {
    const { gpu } = held;
    const x = randomValues(rows * classes, 1);
    const weights = randomValues(classes, 2, 0.5, 2);
    const dloss = randomValues(rows, 3);
    // Every fourth sample is ignored, and every seventh has a label that is no class.
    const labels = Uint32Array.from({ length: rows }, (_, r) => {
      if (r % 4 === 3) return ignored ?? 0;
      return r % 7 === 6 ? classes + r : (r * 5) % classes;
    });
    const terms = { weight: weighted ? gpu.upload(weights, 'weight') : undefined, ignored };
    const expected = Array.from(labels, (label, r) => {
      const own = label < classes ? (weighted ? weights[label] : 1) : nan;
      if (label === ignored) return { loss: 0, own: 0, dx: Array<number>(classes).fill(0) };
      const dx = Array.from({ length: classes }, (_, c) => {
        if (label >= classes) return nan;
        return c === label ? Math.fround(Math.fround(-dloss[r] * 0.5) * own) : 0;
      });
      return { loss: Math.fround(-own * x[r * classes + label]), own, dx };
    });
    const device = gpu.upload(labels, 'labels');
    const { loss, weight } = nllLoss(gpu.upload(x, 'x'), device, { rows, classes }, terms);
    expect([...(await loss.read())]).toEqual(expected.map((row) => row.loss));
    expect([...(await weight.read())]).toEqual(expected.map((row) => row.own));
    const dx = nllLossGrad(gpu.upload(dloss, 'dloss'), device, { rows, classes }, terms, 0.5);
    expect([...(await dx.read())]).toEqual(expected.flatMap((row) => row.dx));
    const one = nllLossGrad(gpu.upload(Float32Array.of(1), 'dloss'), device, { rows, classes }, terms, 2);
    const signs = expected.flatMap(({ dx, own }) => dx.map((v) => (v === 0 || Number.isNaN(v) ? v : -2 * own)));
    expect([...(await one.read())]).toEqual(signs);
  });
});

describe('setAside and onlyKept', () => {
  it.each([0, 1, 130])('of %i labels', async (rows) => {
    const { gpu } = held;
    const labels = Uint32Array.from({ length: rows }, (_, r) => (r % 3 === 1 ? 2 ** 32 - 1 : r));
    const aside = setAside(gpu.upload(labels, 'labels'), 2 ** 32 - 1);
    expect(await aside.labels.read()).toEqual(labels.map((label, r) => (r % 3 === 1 ? 0 : label)));
    expect(await aside.kept.read()).toEqual(Float32Array.from(labels, (_, r) => (r % 3 === 1 ? 0 : 1)));
    const values = Float32Array.from({ length: rows }, (_, r) => (r % 3 === 1 ? nan : r));
    const kept = await onlyKept(aside.kept, gpu.upload(values, 'values')).read();
    expect(kept).toEqual(values.map((v, r) => (r % 3 === 1 ? 0 : v)));
    const all = await onlyKept(aside.kept, gpu.upload(Float32Array.of(5), 'values')).read();
    expect(all).toEqual(values.map((_, r) => (r % 3 === 1 ? 0 : 5)));
  });
});
