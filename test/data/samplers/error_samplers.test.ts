import { describe, expect, it } from 'vitest';
import { confusedPairsSampler } from '../../../src/data/samplers/confused_pairs_sampler.ts';
import { curriculumSampler } from '../../../src/data/samplers/curriculum_sampler.ts';
import { hardExampleSampler } from '../../../src/data/samplers/hard_examples.ts';

/** How often each value occurs in the orders of many epochs. */
function frequencies(sampler: { epochOrder(epoch: number): Uint32Array }, epochs: number, count: number): number[] {
  const found = new Array<number>(count).fill(0);
  for (let epoch = 0; epoch < epochs; epoch++) for (const i of sampler.epochOrder(epoch)) found[i]++;
  return found;
}

describe('hardExampleSampler', () => {
  it('draws half of all alike and half by the loss', () => {
    const sampler = hardExampleSampler({ losses: [0, 1, 3, 0], seed: 1 });
    expect(sampler.count).toBe(4);
    const draws = 4 * 2000;
    const expected = [1 / 8, 1 / 8 + 1 / 8, 1 / 8 + 3 / 8, 1 / 8].map((share) => share * draws);
    frequencies(sampler, 2000, 4).forEach((found, i) => {
      // Five standard deviations of √(8000 · ½ · ½) = 45 at most.
      expect(Math.abs(found - expected[i])).toBeLessThan(5 * 45);
    });
  });

  it('draws all alike where nothing is lost, and refuses what is no loss', () => {
    const found = frequencies(hardExampleSampler({ losses: [0, 0], seed: 1 }), 1000, 2);
    expect(Math.abs(found[0] - 1000)).toBeLessThan(5 * 22.4);
    expect(() => hardExampleSampler({ losses: [1, Number.NaN], seed: 1 })).toThrow('that of image 1 is NaN');
    expect(() => hardExampleSampler({ losses: [1], uniform: 0, seed: 1 })).toThrow('uniform share must be above 0');
  });
});

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

describe('confusedPairsSampler', () => {
  const labels = Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2);
  // Of class 1 a third is taken for class 2; class 0 is never confused.
  const confusion = [
    [6, 0, 0],
    [0, 2, 1],
    [0, 0, 3],
  ];

  it('draws the classes that are confused, side by side', () => {
    const sampler = confusedPairsSampler({ labels, classes: 3, confusion, share: 1, seed: 3 });
    const order = [...sampler.epochOrder(0)].map((i) => labels[i]);
    expect(order).toEqual(Array.from({ length: 12 }, (_, i) => 1 + (i % 2)));
  });

  it('draws the other share from all images alike', () => {
    const sampler = confusedPairsSampler({ labels, classes: 3, confusion, share: 0.5, seed: 3 });
    const found = frequencies(sampler, 2000, 12);
    const ofClass = [0, 1, 2].map((c) => found.filter((_, i) => labels[i] === c).reduce((sum, n) => sum + n, 0));
    // 24,000 draws in twos: 12,000 choices; five deviations of a class's count are below 5 · 2 · √(12,000 · ¼).
    [6000, 9000, 9000].forEach((expected, c) => {
      expect(Math.abs(ofClass[c] - expected)).toBeLessThan(5 * 110);
    });
  });

  it('draws all images where nothing is confused, an odd number of them too', () => {
    const nothing = [
      [1, 0],
      [0, 1],
    ];
    const sampler = confusedPairsSampler({
      labels: Uint8Array.of(0, 1, 1),
      classes: 2,
      confusion: nothing,
      seed: 3,
    });
    expect(sampler.epochOrder(0).length).toBe(3);
    expect(frequencies(sampler, 300, 3).every((n) => n > 200)).toBe(true);
    expect(sampler.epochOrder(4)).toEqual(sampler.epochOrder(4));
  });

  it('refuses a share above 1 and a matrix of other classes', () => {
    expect(() => confusedPairsSampler({ labels, classes: 3, confusion, share: 2, seed: 1 })).toThrow('from 0 to 1');
    expect(() => confusedPairsSampler({ labels, classes: 2, confusion, seed: 1 })).toThrow('2 classes need');
  });
});
