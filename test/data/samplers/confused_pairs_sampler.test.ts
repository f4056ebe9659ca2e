import { describe, expect, it } from 'vitest';
import { confusedPairsSampler } from '../../../src/data/samplers/confused_pairs_sampler.ts';

/** How often each value occurs in the orders of many epochs. */
function frequencies(sampler: { epochOrder(epoch: number): Uint32Array }, epochs: number, count: number): number[] {
  const found = new Array<number>(count).fill(0);
  for (let epoch = 0; epoch < epochs; epoch++) for (const i of sampler.epochOrder(epoch)) found[i]++;
  return found;
}

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
