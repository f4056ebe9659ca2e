import { describe, expect, it } from 'vitest';
import { roofline } from '../../../src/lab/plots/index.ts';
import { anchorOf, expectWholeFigure, textsOf } from './read_figure.ts';

const INPUT = {
  ...{ peak: 50, bandwidth: 3, once: 90 },
  points: [
    { name: 'naive', gflops: 0.9, intensity: 0.25 },
    { name: 'tiled', gflops: 2, intensity: 16, withWorkgroup: 0.94 },
    { name: 'subgroup', gflops: 16, intensity: 8 },
  ],
};

describe('roofline', () => {
  it('names the roof and each version with its rate, faster ones higher, those that load less further right', () => {
    const figure = roofline(INPUT);
    expectWholeFigure(figure);
    const labels = ['naive 0.9', 'tiled 2', 'subgroup 16'];
    expect(textsOf(figure)).toEqual(
      expect.arrayContaining([...labels, 'peak 50 GFLOP/s', 'copy 3 GB/s', 'each input once', 'GFLOP/s']),
    );
    const [naive, tiled, subgroup] = labels.map((label) => anchorOf(figure, label));
    expect([naive.y > tiled.y, tiled.y > subgroup.y]).toEqual([true, true]);
    expect([naive.x < subgroup.x, subgroup.x < tiled.x]).toEqual([true, true]);
    // Two decades of GFLOP/s are twice as high as one.
    const peak = anchorOf(figure, 'peak 50 GFLOP/s').y + 10;
    const decade = (naive.y - subgroup.y) / Math.log10(16 / 0.9);
    expect(subgroup.y - peak).toBeCloseTo(decade * Math.log10(50 / 16), 0);
  });

  it('explains hollow markers where there are any', () => {
    const words = 'FLOPs per byte loaded (hollow: from workgroup memory too)';
    expect(textsOf(roofline(INPUT))).toContain(words);
    const plain = roofline({ ...INPUT, points: [INPUT.points[0]] });
    expectWholeFigure(plain);
    expect(textsOf(plain)).toContain('FLOPs per byte loaded');
  });

  it('keeps a roof that is a power of ten off the frame, and draws kernels that are far from it', () => {
    expectWholeFigure(roofline({ ...INPUT, peak: 100 }));
    expectWholeFigure(
      roofline({ ...INPUT, peak: 60_000, bandwidth: 3000, points: [{ name: 'a', gflops: 0.001, intensity: 0.006 }] }),
    );
    expectWholeFigure(roofline({ ...INPUT, once: 1e-3 }));
  });

  it('refuses what a logarithm has no place for', () => {
    expect(() => roofline({ ...INPUT, points: [] })).toThrow('roofline: points is empty');
    expect(() => roofline({ ...INPUT, peak: 0 })).toThrow('roofline: peak and bandwidth[0] is 0');
  });
});
