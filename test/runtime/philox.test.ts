import { describe, expect, it } from 'vitest';
import { Philox, philoxBlock } from '../../src/runtime/philox.ts';

describe('Philox', () => {
  it("gives the known answers of the paper's library", () => {
    const ones = 0xffffffff;
    expect(philoxBlock([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    expect(philoxBlock([ones, ones, ones, ones], [ones, ones])).toEqual([
      0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
    ]);
    expect(philoxBlock([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ]);
  });

  it('goes on from a saved state, wherever in a block it stood', () => {
    for (const before of [0, 1, 2, 3, 4, 7]) {
      const generator = new Philox(2 ** 40 + 3, 5);
      for (let i = 0; i < before; i++) generator.uint32();
      const copy = Philox.from(JSON.parse(JSON.stringify(generator.state())));
      expect([copy.uint32(), copy.uint32(), copy.uint32()]).toEqual([
        generator.uint32(),
        generator.uint32(),
        generator.uint32(),
      ]);
    }
  });

  it('gives different numbers for another seed or stream', () => {
    const first = (seed: number, stream: number) => new Philox(seed, stream).uint32();
    expect(new Set([first(1, 0), first(2, 0), first(1, 1), first(2 ** 32 + 1, 0)]).size).toBe(4);
  });

  it('is uniform, normal and unbiased', () => {
    const generator = new Philox(9);
    const count = 20_000;
    const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
    const uniforms = Array.from({ length: count }, () => generator.uniform());
    const normals = Array.from({ length: count }, () => generator.normal());
    // Four standard errors.
    expect(Math.abs(mean(uniforms) - 0.5)).toBeLessThan((4 * Math.sqrt(1 / 12)) / Math.sqrt(count));
    expect(Math.min(...uniforms)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniforms)).toBeLessThan(1);
    expect(Math.abs(mean(normals))).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(mean(normals.map((v) => v * v)) - 1)).toBeLessThan((4 * Math.sqrt(2)) / Math.sqrt(count));
    const thirds = [0, 0, 0];
    for (let i = 0; i < count; i++) thirds[generator.below(3)]++;
    for (const third of thirds) expect(Math.abs(third - count / 3)).toBeLessThan(4 * Math.sqrt((count * 2) / 9));
  });

  it('shuffles: a permutation, the same for the same seed', () => {
    const shuffled = new Philox(3).shuffle(Array.from({ length: 100 }, (_, i) => i));
    expect([...shuffled].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(shuffled).toEqual(new Philox(3).shuffle(Array.from({ length: 100 }, (_, i) => i)));
    expect(shuffled).not.toEqual([...shuffled].sort((a, b) => a - b));
  });

  it('refuses a seed that is no whole number', () => {
    expect(() => new Philox(-1)).toThrow('the seed must be an integer from 0 to 2^53 - 1, not -1');
    expect(() => new Philox(0.5)).toThrow('0.5');
  });
});
