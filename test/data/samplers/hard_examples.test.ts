import { describe, expect, it } from 'vitest';
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
