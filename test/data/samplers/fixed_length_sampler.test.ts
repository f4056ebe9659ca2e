import { describe, expect, it } from 'vitest';
import { fixedLengthSampler } from '../../../src/data/samplers/fixed_length_sampler.ts';

/** Epoch e draws 10e, 10e + 1, … */
function counting(count: number) {
  return { count, epochOrder: (epoch: number) => Uint32Array.from({ length: count }, (_, i) => 10 * epoch + i) };
}

describe('fixedLengthSampler', () => {
  it('strings short epochs together and goes on where the last one ended', () => {
    const sampler = fixedLengthSampler(counting(3), 5);
    expect(sampler.count).toBe(5);
    const drawn = [0, 1, 2].flatMap((epoch) => [...sampler.epochOrder(epoch)]);
    expect(drawn).toEqual([0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42]);
    expect([...sampler.epochOrder(1)]).toEqual([12, 20, 21, 22, 30]);
  });

  it('cuts long epochs', () => {
    const sampler = fixedLengthSampler(counting(7), 3);
    expect([0, 1, 2].map((epoch) => [...sampler.epochOrder(epoch)])).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [6, 10, 11],
    ]);
  });

  it('refuses a sampler that draws nothing', () => {
    expect(() => fixedLengthSampler(counting(0), 3)).toThrow(RangeError);
  });
});
