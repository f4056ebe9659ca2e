import { describe, expect, it } from 'vitest';
import { bilinearResize } from '../../src/data/bilinear_resize.ts';

describe('bilinearResize', () => {
  it('doubles a row as half-pixel centres give it', () => {
    // Centres of the four new pixels lie at −0.25, 0.25, 0.75, 1.25 of the old grid; the edges repeat.
    expect([...bilinearResize([0, 1], [1, 2], [1, 4])]).toEqual([0, 0.25, 0.75, 1]);
  });

  it('is bilinear between four values', () => {
    const out = bilinearResize([0, 1, 2, 5], [2, 2], [4, 4]);
    const at = (y: number, x: number): number => 0 * (1 - y) * (1 - x) + (1 - y) * x + 2 * y * (1 - x) + 5 * y * x;
    const share = [0, 0.25, 0.75, 1];
    share.forEach((y, i) => {
      share.forEach((x, j) => {
        expect(out[4 * i + j]).toBe(at(y, x));
      });
    });
  });

  it('keeps a linear ramp linear inside and copies at equal size', () => {
    const ramp = Array.from({ length: 4 }, (_, i) => i);
    const out = bilinearResize(ramp, [4, 1], [32, 1]);
    for (let i = 4; i < 28; i++) expect(out[i]).toBeCloseTo((i + 0.5) / 8 - 0.5, 6);
    expect([...bilinearResize([1, 2, 3, 4, 5, 6], [2, 3], [2, 3])]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('samples when it shrinks', () => {
    expect([...bilinearResize([0, 1, 2, 3], [1, 4], [1, 2])]).toEqual([0.5, 2.5]);
  });

  it('refuses a map of another size', () => {
    expect(() => bilinearResize([1, 2, 3], [2, 2], [4, 4])).toThrow('map has 3 values, expected 2 × 2');
    expect(() => bilinearResize([], [0, 2], [4, 4])).toThrow('a size is 0');
  });
});
