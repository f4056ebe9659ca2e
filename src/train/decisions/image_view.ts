import type { ImageSplit } from '../../data/image_dataset.ts';

/** The same image seen otherwise. */
export interface ImageView {
  /** Mirrored, left for right. */
  flip: boolean;
  /** Pixels that what is seen moves to the right and down; black comes in from the other side. */
  right: number;
  down: number;
}

/**
 * The views whose mean test-time augmentation takes: as it is, mirrored, and both moved by a pixel along each diagonal, within what the crops of
 * training show.
 */
export const TEST_TIME_VIEWS: readonly ImageView[] = [false, true].flatMap((flip) =>
  [
    [0, 0],
    [1, 1],
    [-1, -1],
    [1, -1],
    [-1, 1],
  ].map(([right, down]) => ({ flip, right, down })),
);

/** All images of a split in one view; labels shared. */
export function viewOf(
  { images, labels }: ImageSplit,
  { height, width, channels }: { height: number; width: number; channels: number },
  { flip, right, down }: ImageView,
): ImageSplit {
  const moved = new Uint8Array(images.length);
  const each = height * width * channels;
  for (let image = 0; image < labels.length; image++) {
    const seenImage = images.subarray(image * each, (image + 1) * each);
    for (let y = 0; y < height; y++) {
      const fromY = y - down;
      if (fromY < 0 || fromY >= height) continue;
      for (let x = 0; x < width; x++) {
        const seen = x - right;
        if (seen < 0 || seen >= width) continue;
        const fromX = flip ? width - 1 - seen : seen;
        const from = (fromY * width + fromX) * channels;
        const to = image * each + (y * width + x) * channels;
        for (let c = 0; c < channels; c++) moved[to + c] = seenImage[from + c];
      }
    }
  }
  return { images: moved, labels };
}
