import { describe, expect, it } from 'vitest';
import { PickedImages } from '../../src/data/picked_images.ts';

const EACH = 5;
const all = Uint8Array.from({ length: 20 * EACH }, (_, i) => i);

describe('PickedImages', () => {
  it('stand one behind the other, whole, in part, and across several', () => {
    const positions = Uint32Array.of(3, 4, 5, 19, 0, 7, 7, 6);
    const picked = new PickedImages(all, positions, EACH);
    expect(picked.length).toBe(8 * EACH);
    const expected = [...positions].flatMap((position) => [...all.subarray(position * EACH, (position + 1) * EACH)]);
    for (let start = 0; start <= picked.length; start++) {
      for (let end = start; end <= picked.length; end++) {
        expect([...picked.subarray(start, end)]).toEqual(expected.slice(start, end));
      }
    }
  });

  it('are read at once where they stand side by side', () => {
    const reads: [number, number][] = [];
    const counted = {
      length: all.length,
      subarray: (start: number, end: number) => {
        reads.push([start, end]);
        return all.subarray(start, end);
      },
    };
    const picked = new PickedImages(counted, Uint32Array.of(2, 3, 4, 9), EACH);
    picked.subarray(0, picked.length);
    expect(reads).toEqual([
      [10, 25],
      [45, 50],
    ]);
  });

  it('are none where none are picked', () => {
    expect(new PickedImages(all, new Uint32Array(0), EACH).subarray(0, 0)).toHaveLength(0);
  });
});
