import { describe, expect, it } from 'vitest';
import { curriculumSampler } from '../../../src/data/samplers/curriculum_sampler.ts';

describe('curriculumSampler', () => {
  // Class 0: ten images, harder and harder. Class 1: four, harder and harder, all harder than those of class 0.
  const labels = Uint8Array.of(...new Array(10).fill(0), ...new Array(4).fill(1));
  const losses = Float64Array.from({ length: 14 }, (_, i) => i);
  const options = { labels, classes: 3, losses, start: 0.5, full: 4, seed: 7 };

  it('begins with the easiest of each class and ends with all, each class with its share of the draws', () => {
    const sampler = curriculumSampler(options);
    expect(sampler.count).toBe(14);
    for (const [epoch, pools] of [
      [0, [5, 2]],
      [2, [8, 3]],
      [4, [10, 4]],
      [9, [10, 4]],
    ] as const) {
      const order = [...sampler.epochOrder(epoch)];
      expect(order.length).toBe(14);
      const ofClass = [order.filter((i) => i < 10), order.filter((i) => i >= 10)];
      expect(ofClass.map((draws) => draws.length)).toEqual([10, 4]);
      expect(ofClass.map((draws) => new Set(draws).size)).toEqual([...pools]);
      expect(Math.max(...ofClass[0])).toBe(pools[0] - 1);
      expect(Math.max(...ofClass[1])).toBe(10 + pools[1] - 1);
      // Alike often but for one.
      const times = [...new Set(ofClass[0])].map((i) => ofClass[0].filter((j) => j === i).length);
      expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(1);
    }
  });

  it('depends on seed and epoch alone', () => {
    const [a, b] = [curriculumSampler(options), curriculumSampler(options)];
    b.epochOrder(5);
    expect(a.epochOrder(1)).toEqual(b.epochOrder(1));
    expect(a.epochOrder(1)).not.toEqual(a.epochOrder(2));
    expect(curriculumSampler({ ...options, seed: 8 }).epochOrder(1)).not.toEqual(a.epochOrder(1));
  });

  it('refuses a share of nothing and images without a loss', () => {
    expect(() => curriculumSampler({ ...options, start: 0 })).toThrow('first share must be above 0');
    expect(() => curriculumSampler({ ...options, full: 1.5 })).toThrow('must be a whole number from 0, not 1.5');
    expect(() => curriculumSampler({ ...options, losses: [1, 2] })).toThrow('14 images need a loss each');
  });
});
