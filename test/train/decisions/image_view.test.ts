import { describe, expect, it } from 'vitest';
import { TEST_TIME_VIEWS, viewOf } from '../../../src/train/decisions/image_view.ts';

// Two images of 2×3 pixels with two channels.
const SIZE = { height: 2, width: 3, channels: 2 };
const SPLIT = { images: Uint8Array.from({ length: 24 }, (_, i) => i + 1), labels: Uint8Array.of(1, 0) };

describe('viewOf', () => {
  it('leaves an image as it is, and mirrors it', () => {
    expect(viewOf(SPLIT, SIZE, { flip: false, right: 0, down: 0 })).toEqual(SPLIT);
    const { images, labels } = viewOf(SPLIT, SIZE, { flip: true, right: 0, down: 0 });
    expect([...images.subarray(0, 12)]).toEqual([5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8]);
    expect([...images.subarray(12, 18)]).toEqual([17, 18, 15, 16, 13, 14]);
    expect(labels).toBe(SPLIT.labels);
  });

  it('moves what is seen, with black behind it', () => {
    const moved = viewOf(SPLIT, SIZE, { flip: false, right: 1, down: -1 });
    expect([...moved.images.subarray(0, 12)]).toEqual([0, 0, 7, 8, 9, 10, 0, 0, 0, 0, 0, 0]);
    const back = viewOf(SPLIT, SIZE, { flip: false, right: -1, down: 1 });
    expect([...back.images.subarray(0, 12)]).toEqual([0, 0, 0, 0, 0, 0, 3, 4, 5, 6, 0, 0]);
  });

  it('mirrors before it moves', () => {
    const { images } = viewOf(SPLIT, SIZE, { flip: true, right: 1, down: 0 });
    expect([...images.subarray(0, 6)]).toEqual([0, 0, 5, 6, 3, 4]);
  });

  it('is asked for ten views, all different, the image itself first', () => {
    expect(TEST_TIME_VIEWS[0]).toEqual({ flip: false, right: 0, down: 0 });
    expect(new Set(TEST_TIME_VIEWS.map((view) => JSON.stringify(view))).size).toBe(10);
  });
});
