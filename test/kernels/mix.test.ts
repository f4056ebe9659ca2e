import { describe, expect, it } from 'vitest';
import { cutmix, mixup, softTargets } from '../../src/kernels/mix.ts';
import { randomValues, useGpu } from '../gpu.ts';

const held = useGpu();

describe('mixup', () => {
  it.each([
    { count: 5, each: 27, lambda: 0.3 },
    { count: 1, each: 300, lambda: 0.9 },
    { count: 4, each: 128, lambda: 1 },
  ])('mixes $count images of $each numbers with their partners, λ $lambda', async ({ count, each, lambda }) => {
    const { gpu } = held;
    const x = randomValues(count * each, 1);
    const partner = Uint32Array.from({ length: count }, (_, b) => (b * 3 + 2) % count);
    const y = await gpu.scope(() => mixup(gpu.upload(x, 'x'), gpu.upload(partner, 'partner'), lambda)).read();
    const expected = Array.from(x, (value, i) => {
      const b = Math.floor(i / each);
      return lambda * value + (1 - lambda) * x[partner[b] * each + (i % each)];
    });
    // Values below 1, each rounded three times to float32.
    expect(Math.max(...expected.map((value, i) => Math.abs(value - y[i])))).toBeLessThan(3e-7);
  });
});

describe('cutmix', () => {
  it.each([
    { h: 5, w: 7, c: 3, box: { top: 1, bottom: 4, left: 2, right: 7 } },
    { h: 4, w: 4, c: 1, box: { top: 0, bottom: 4, left: 0, right: 4 } },
    { h: 3, w: 6, c: 2, box: { top: 2, bottom: 2, left: 1, right: 5 } },
  ])('takes the box from the partner: $h × $w × $c, $box', async ({ h, w, c, box }) => {
    const { gpu } = held;
    const x = randomValues(3 * h * w * c, 2);
    const partner = Uint32Array.of(2, 0, 1);
    const size = { height: h, width: w, channels: c };
    const y = await gpu.scope(() => cutmix(gpu.upload(x, 'x'), gpu.upload(partner, 'partner'), size, box)).read();
    const expected = Float32Array.from(x, (value, i) => {
      const [row, column] = [Math.floor(i / (w * c)) % h, Math.floor(i / c) % w];
      const inside = row >= box.top && row < box.bottom && column >= box.left && column < box.right;
      const each = h * w * c;
      return inside ? x[partner[Math.floor(i / each)] * each + (i % each)] : value;
    });
    expect(y).toEqual(expected);
  });
});

describe('softTargets', () => {
  it("gives each image's λ to its class and the rest to its partner's", async () => {
    const { gpu } = held;
    const labels = Uint32Array.of(0, 2, 2, 1);
    const partner = Uint32Array.of(1, 2, 3, 3);
    const y = await gpu
      .scope(() => {
        const lambda = gpu.upload(Float32Array.of(0.75, 0.5, 0, 0.25), 'lambda');
        return softTargets(gpu.upload(labels, 'labels'), gpu.upload(partner, 'partner'), lambda, 3);
      })
      .read();
    expect([...y]).toEqual([0.75, 0, 0.25, 0, 0, 1, 0, 1, 0, 0, 1, 0]);
  });

  it('finds every element over several rows of the grid', async () => {
    const { gpu } = held;
    const [count, classes] = [130, 10];
    const labels = Uint32Array.from({ length: count }, (_, i) => (i * 3) % classes);
    const partner = Uint32Array.from({ length: count }, (_, i) => (i * 7) % count);
    const shares = Float32Array.from(labels, (_, i) => (i % 9) / 8);
    const [own, other, lambda] = [labels, partner, shares].map((values) => gpu.upload(values as Uint32Array, 'mix'));
    const y = await softTargets(own, other, lambda as never, classes).read();
    const expected = new Float32Array(count * classes);
    labels.forEach((label, i) => {
      expected[i * classes + label] += shares[i];
      expected[i * classes + labels[partner[i]]] += 1 - shares[i];
    });
    expect(y).toEqual(expected);
  });
});
