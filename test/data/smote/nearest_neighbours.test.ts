import { describe, expect, it } from 'vitest';
import { coarseToFine } from '../../../src/data/smote/coarse_to_fine.ts';
import { nearestNeighbours } from '../../../src/data/smote/nearest_neighbours.ts';
import { Philox } from '../../../src/node.ts';

function squaredDistance(values: Float32Array, dimensions: number, a: number, b: number): number {
  let sum = 0;
  for (let i = 0; i < dimensions; i++) sum += (values[a * dimensions + i] - values[b * dimensions + i]) ** 2;
  return sum;
}

/** All others sorted by distance, then by position. */
function sorted(values: Float32Array, dimensions: number, query: number): number[] {
  return Array.from({ length: values.length / dimensions }, (_, other) => other)
    .filter((other) => other !== query)
    .map((other) => ({ other, distance: squaredDistance(values, dimensions, query, other) }))
    .sort((a, b) => a.distance - b.distance || a.other - b.other)
    .map(({ other }) => other);
}

describe('nearestNeighbours', () => {
  it.each([
    { count: 30, dimensions: 3, k: 5 },
    { count: 12, dimensions: 192, k: 1 },
    { count: 25, dimensions: 193, k: 4 },
    { count: 20, dimensions: 450, k: 19 },
    { count: 2, dimensions: 7, k: 1 },
  ])('finds them as a sort of all distances does: $k of $count in $dimensions dimensions', (size) => {
    const { count, dimensions, k } = size;
    const generator = new Philox(count);
    // Whole numbers, so that distances are exact in any order, and some of them equal.
    const values = Float32Array.from({ length: count * dimensions }, () => generator.below(3));
    const queries = Uint32Array.from({ length: count }, (_, i) => count - 1 - i);
    const found = nearestNeighbours(values, dimensions, { k, queries });
    const expected = [...queries].flatMap((query) => sorted(values, dimensions, query).slice(0, k));
    expect([...found]).toEqual(expected);
  });

  it('finds a nearest point that the first dimensions hide', () => {
    const dimensions = 400;
    const values = new Float32Array(4 * dimensions);
    values.fill(1, dimensions, dimensions + 5); // distance 5, all of it at once
    values.fill(3, 2 * dimensions + 300, 2 * dimensions + 310); // 90, at the end
    values.fill(2, 3 * dimensions, 3 * dimensions + 4); // 16
    expect([...nearestNeighbours(values, dimensions, { k: 2, queries: Uint32Array.of(0) })]).toEqual([1, 3]);
  });

  it.each([0, 3, 1.5])('refuses %s neighbours of 3 points', (k) => {
    const find = () => nearestNeighbours(new Float32Array(6), 2, { k, queries: Uint32Array.of(0) });
    expect(find).toThrow(RangeError);
    expect(find).toThrow(`of 3 points each has 1 to 2 neighbours, not ${k}`);
  });
});

describe('coarseToFine', () => {
  const noise = (count: number, each: number) => {
    const generator = new Philox(3);
    return Float32Array.from({ length: count * each }, () => generator.below(256));
  };

  it.each([
    { height: 8, width: 8, channels: 3 },
    { height: 28, width: 28, channels: 1 },
    { height: 4, width: 12, channels: 2 },
  ])('keeps distances exactly: $height × $width × $channels', (size) => {
    const each = size.height * size.width * size.channels;
    const images = noise(4, each);
    const ordered = coarseToFine(images, size);
    expect(ordered).not.toEqual(images);
    for (let a = 0; a < 4; a++)
      for (let b = 0; b < a; b++)
        expect(squaredDistance(ordered, each, a, b)).toBe(squaredDistance(images, each, a, b));
  });

  it('puts a quarter of the sums of 4 × 4 pixels first', () => {
    const size = { height: 8, width: 8, channels: 3 };
    const images = noise(1, 192);
    const expected = Array.from({ length: 12 }, (_, i) => {
      const [row, column, channel] = [Math.floor(i / 6), Math.floor(i / 3) % 2, i % 3];
      let sum = 0;
      for (let y = 0; y < 4; y++)
        for (let x = 0; x < 4; x++) sum += images[((4 * row + y) * 8 + 4 * column + x) * 3 + channel];
      return sum / 4;
    });
    expect([...coarseToFine(images, size).subarray(0, 12)]).toEqual(expected);
  });

  it('leaves images alone whose sides cannot be halved twice', () => {
    const images = noise(2, 6 * 8);
    expect(coarseToFine(images, { height: 6, width: 8, channels: 1 })).toBe(images);
  });
});
