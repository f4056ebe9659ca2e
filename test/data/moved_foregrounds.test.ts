import { describe, expect, it } from 'vitest';
import { classCounts } from '../../src/data/class_counts.ts';
import { drawForegroundMoves, moveForeground } from '../../src/data/moved_foregrounds.ts';

const SIZE = { height: 4, width: 8, channels: 2 };
/** Each pixel holds its place. */
const image = Uint8Array.from({ length: 64 }, (_, i) => 2 * Math.floor(i / 2) + (i % 2) * 100);
const still = { mirrored: false, scale: 1, down: 0, right: 0 };

/** Warm in rows 1 and 2, columns 2 to 4. */
const map = {
  ...{ height: 4, width: 8 },
  values: Float32Array.from({ length: 32 }, (_, i) => {
    const [row, column] = [Math.floor(i / 8), i % 8];
    return row >= 1 && row <= 2 && column >= 2 && column <= 4 ? 1 : 0;
  }),
};
const pixel = (of: Uint8Array, row: number, column: number) => of[(row * 8 + column) * 2];

describe('moveForeground', () => {
  it('leaves an image as it is where nothing moves, or the map says nothing', () => {
    expect(moveForeground(image, SIZE, map, still)).toEqual(image);
    const cold = { ...map, values: new Float32Array(32) };
    expect(moveForeground(image, SIZE, cold, { ...still, right: 0.25 })).toEqual(image);
  });

  it('lays the foreground elsewhere and keeps the rest', () => {
    const moved = moveForeground(image, SIZE, map, { ...still, right: 0.25, down: 0.25 });
    const expected = image.slice();
    for (const row of [1, 2]) {
      for (const column of [2, 3, 4]) {
        const to = ((row + 1) * 8 + column + 2) * 2;
        expected.set(image.subarray((row * 8 + column) * 2, (row * 8 + column) * 2 + 2), to);
      }
    }
    expect(moved).toEqual(expected);
  });

  it('mirrors it about its own middle, and cuts off what leaves the image', () => {
    const moved = moveForeground(image, SIZE, map, { ...still, mirrored: true });
    for (const row of [1, 2]) {
      for (const column of [2, 3, 4]) expect(pixel(moved, row, column)).toBe(pixel(image, row, 6 - column));
    }
    const gone = moveForeground(image, SIZE, map, { ...still, right: 2 });
    expect(gone).toEqual(image);
  });

  it('scales it about its middle, from a map of another size', () => {
    const moved = moveForeground(image, SIZE, map, { ...still, scale: 2 });
    expect(pixel(moved, 1, 3)).toBe(pixel(image, 1, 3));
    expect(pixel(moved, 1, 5)).toBe(pixel(image, 1, 4));
    expect(pixel(moved, 1, 1)).toBe(pixel(image, 1, 2));
    const coarse = { height: 1, width: 2, values: [1, 0] };
    const left = moveForeground(image, SIZE, coarse, { ...still, right: 0.5 });
    expect(pixel(left, 0, 4)).toBe(pixel(image, 0, 0));
  });
});

describe('drawForegroundMoves', () => {
  const labels = Uint8Array.of(0, 0, 0, 0, 0, 1, 1, 3);
  const options = { classes: 4, seed: 3, keeps: { mirror: true } };

  it('fills each class up to the largest from its own images, and none of nothing', () => {
    const moves = drawForegroundMoves(labels, options);
    expect(
      classCounts(
        moves.map(({ label }) => label),
        4,
      ),
    ).toEqual([0, 3, 0, 4]);
    for (const { base, label, scale, down, right } of moves) {
      expect(labels[base]).toBe(label);
      expect(scale >= 0.8 && scale <= 1.25 && Math.abs(down) <= 0.25 && Math.abs(right) <= 0.25).toBe(true);
    }
    expect(drawForegroundMoves(labels, options)).toEqual(moves);
    expect(drawForegroundMoves(labels, { ...options, seed: 4 })).not.toEqual(moves);
  });

  it('mirrors none where a mirrored image is not of its class', () => {
    const many = new Uint8Array(41).fill(1, 40);
    const mirrored = (mirror: boolean) =>
      drawForegroundMoves(many, { ...options, classes: 2, keeps: { mirror } }).filter((move) => move.mirrored).length;
    expect(mirrored(false)).toBe(0);
    expect(mirrored(true)).toBeGreaterThan(5);
  });
});
