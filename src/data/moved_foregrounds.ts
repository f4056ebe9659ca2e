import { Philox } from '../runtime/philox.ts';
import { bilinearResize } from './bilinear_resize.ts';
import { classMembers } from './class_counts.ts';
import type { KeptChanges } from './image_dataset.ts';
import { MOVED_FOREGROUND_STREAM } from './random_streams.ts';

/** A new image to be made: of which one, and how what speaks for its class is changed. */
export interface ForegroundMove {
  /** Position of the image. */
  base: number;
  /** Its class. */
  label: number;
  mirrored: boolean;
  /** Factor of its size. */
  scale: number;
  /** By which it is moved, as shares of the image's height and width. */
  down: number;
  right: number;
}

/** Largest shift, as a share of the image, and the range of the scale. */
const LARGEST_SHIFT = 0.25;
const SCALES = [0.8, 1.25] as const;

/**
 * The images that fill every class up to the count of the largest, class by class: each of one of its class's, drawn with replacement. A class of none stays
 * empty. labels: [N], each below `classes`. The same labels and seed give the same moves.
 */
export function drawForegroundMoves(
  labels: ArrayLike<number>,
  { classes, seed, keeps }: { classes: number; seed: number; keeps: Pick<KeptChanges, 'mirror'> },
): ForegroundMove[] {
  const members = classMembers(labels, classes);
  const largest = Math.max(...members.map((positions) => positions.length));
  return members.flatMap((positions, label) => {
    const generator = new Philox(seed, MOVED_FOREGROUND_STREAM + label);
    const between = (low: number, high: number) => low + (high - low) * generator.uniform();
    return Array.from({ length: positions.length === 0 ? 0 : largest - positions.length }, () => ({
      ...{ base: positions[generator.below(positions.length)], label },
      mirrored: generator.uniform() < 0.5 && keeps.mirror,
      scale: between(...SCALES),
      down: between(-LARGEST_SHIFT, LARGEST_SHIFT),
      right: between(-LARGEST_SHIFT, LARGEST_SHIFT),
    }));
  });
}

/**
 * An image over which its own foreground is laid again, mirrored, scaled and moved; the rest of it stays as it is. The foreground are the pixels whose value in a
 * map, such as Grad-CAM's of the image's class, is above the map's mean. Where the map says nothing the image stays as it is.
 *
 * image: [height, width, channels], bytes.
 * Source: Zhang et al., "Bag of tricks for long-tailed visual recognition with deep convolutional neural networks", AAAI 2021 (CAM-based sampling).
 */
export function moveForeground(
  image: Uint8Array,
  { height, width, channels }: { height: number; width: number; channels: number },
  map: { values: ArrayLike<number>; height: number; width: number },
  { mirrored, scale, down, right }: Omit<ForegroundMove, 'base' | 'label'>,
): Uint8Array {
  const heat = bilinearResize(map.values, [map.height, map.width], [height, width]);
  const mean = heat.reduce((sum, value) => sum + value, 0) / heat.length;
  const inside = (row: number, column: number) =>
    row >= 0 && row < height && column >= 0 && column < width && heat[row * width + column] > mean;
  const [middleRow, middleColumn] = middleOf(heat, mean, width);
  const moved = image.slice();
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      // Where this pixel comes from, if it is of the foreground.
      const fromRow = Math.round(middleRow + (row - middleRow - down * height) / scale);
      const along = ((column - middleColumn - right * width) / scale) * (mirrored ? -1 : 1);
      const fromColumn = Math.round(middleColumn + along);
      if (!inside(fromRow, fromColumn)) continue;
      const from = (fromRow * width + fromColumn) * channels;
      moved.set(image.subarray(from, from + channels), (row * width + column) * channels);
    }
  }
  return moved;
}

/** The middle of the rectangle round all places above a mean; of none, the first place. */
function middleOf(heat: Float32Array, mean: number, width: number): [number, number] {
  const places = Array.from(heat.keys()).filter((at) => heat[at] > mean);
  const middle = (values: number[]) =>
    values.length === 0 ? 0 : (values.reduce((a, b) => Math.min(a, b)) + values.reduce((a, b) => Math.max(a, b))) / 2;
  return [middle(places.map((at) => Math.floor(at / width))), middle(places.map((at) => at % width))];
}
