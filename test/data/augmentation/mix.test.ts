import { describe, expect, it } from 'vitest';
import { drawBeta } from '../../../src/data/augmentation/beta.ts';
import { drawMix } from '../../../src/data/augmentation/mix.ts';
import { Philox } from '../../../src/node.ts';

describe('drawBeta', () => {
  const draws = 4000;

  it.each([0.1, 0.4, 1, 2.5])('has mean, variance and fourth moment of Beta(α, α): α %s', (alpha) => {
    const generator = new Philox(5);
    const values = Array.from({ length: draws }, () => drawBeta(generator, alpha));
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
    const moment = (power: number) => values.reduce((sum, value) => sum + (value - 0.5) ** power, 0) / draws;
    const variance = 1 / (8 * alpha + 4);
    const fourth = 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3));
    // Five standard errors; the moments of a variable within ½ of its mean have deviations below √variance / 2, and √variance / 8.
    expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(variance / draws));
    expect(Math.abs(moment(2) - variance)).toBeLessThan(5 * Math.sqrt((fourth - variance ** 2) / draws));
    expect(Math.abs(moment(4) - fourth)).toBeLessThan((5 * Math.sqrt(variance / draws)) / 8);
  });

  it('is uniform for α 1', () => {
    const generator = new Philox(6);
    const values = Array.from({ length: draws }, () => drawBeta(generator, 1)).sort((a, b) => a - b);
    // Kolmogorov–Smirnov: 2 / √n is exceeded once in a thousand.
    const away = Math.max(...values.map((value, i) => Math.abs(value - (i + 0.5) / draws)));
    expect(away).toBeLessThan(2 / Math.sqrt(draws));
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses α %s', (alpha) => {
    expect(() => drawBeta(new Philox(0), alpha)).toThrow(`Beta: alpha must be a number above 0, not ${alpha}.`);
  });
});

describe('drawMix', () => {
  const size = { labels: Uint32Array.from({ length: 16 }, (_, i) => i % 3), height: 32, width: 24 };

  it('draws a random order of the batch as partners, and nothing twice', () => {
    const generator = new Philox(1);
    const [first, second] = [1, 2].map(() => drawMix({ kind: 'mixup', alpha: 0.4 }, size, generator));
    expect([...first.partner].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
    expect(first.partner).not.toEqual(second.partner);
    expect(first.lambda).not.toBe(second.lambda);
    expect(first.box).toBeUndefined();
    expect(drawMix({ kind: 'mixup', alpha: 0.4 }, size, new Philox(1))).toEqual(first);
  });

  it('gives the smaller class the target where the larger one has little of the pixels, as Remix', () => {
    const labels = Uint32Array.from({ length: 60 }, (_, i) => i % 3);
    const rarerLabel = { counts: [90, 30, 29], kappa: 3, tau: 0.5 };
    for (let seed = 0; seed < 20; seed++) {
      const mix = { kind: 'mixup', alpha: 1, rarerLabel } as const;
      const { lambda, labelShares, partner } = drawMix(mix, { labels, height: 4, width: 4 }, new Philox(seed));
      const expected = Float32Array.from(labels, (own, i) => {
        const other = labels[partner[i]];
        if (own === 0 && other !== 0 && lambda < 0.5) return 0;
        if (own !== 0 && other === 0 && 1 - lambda < 0.5) return 1;
        return lambda;
      });
      expect(labelShares).toEqual(expected);
    }
  });

  it('draws boxes inside the image, of the side that λ says, and corrects λ to what is left', () => {
    const generator = new Philox(2);
    let middle = 0;
    for (let i = 0; i < 500; i++) {
      const { box, lambda } = drawMix({ kind: 'cutmix', alpha: 1 }, size, generator);
      const { top, bottom, left, right } = box!;
      expect(0 <= top && top <= bottom && bottom <= 32 && 0 <= left && left <= right && right <= 24).toBe(true);
      expect(lambda).toBeCloseTo(1 - ((bottom - top) * (right - left)) / (32 * 24), 12);
      middle += (top + bottom) / 2 / 500;
    }
    // Uniform over 32 rows but for the cutting off: mean about 16 with a standard error of 0.4.
    expect(Math.abs(middle - 16)).toBeLessThan(5 * 0.4);
  });

  it('draws a box of the share 1 − λ where the edge does not cut it off', () => {
    // The same generator gives mixup the λ that cutmix starts from.
    const seeds = Array.from({ length: 200 }, (_, seed) => seed);
    const whole = seeds.flatMap((seed) => {
      const { lambda } = drawMix({ kind: 'mixup', alpha: 1 }, size, new Philox(seed));
      const { box } = drawMix({ kind: 'cutmix', alpha: 1 }, size, new Philox(seed));
      const { top, bottom, left, right } = box!;
      return top > 0 && left > 0 && bottom < 32 && right < 24
        ? [{ lambda, rows: bottom - top, columns: right - left }]
        : [];
    });
    expect(whole.length).toBeGreaterThan(20);
    for (const { lambda, rows, columns } of whole) {
      expect(rows).toBe(Math.floor(32 * Math.sqrt(1 - lambda)));
      expect(columns).toBe(Math.floor(24 * Math.sqrt(1 - lambda)));
    }
  });
});
