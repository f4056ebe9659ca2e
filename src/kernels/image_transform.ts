/** How far an image is changed at random; what is left out stays as it is. Each draw is uniform in the range given. */
export interface ImageTransform {
  /** Random crop to the same size after so many black pixels on each side; whole. */
  cropPadding?: number;
  /** Probability of a horizontal flip. */
  flip?: number;
  /** Degrees to either side about the middle, at most 45; bilinear, black outside. */
  rotation?: number;
  /** Pixels to either side on each axis; bilinear, black outside. */
  translation?: number;
  /** The pixels times a factor in 1 ± this, at most 1. */
  brightness?: number;
  /** The pixels' distance from the image's mean grey times a factor in 1 ± this, at most 1. */
  contrast?: number;
  /** The pixels' distance from their own grey times a factor in 1 ± this, at most 1. */
  saturation?: number;
  /**
   * Side in pixels, whole, of a square that is set to the mean (0 after normalisation), its middle anywhere in the image.
   * Source: DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017.
   */
  cutout?: number;
}

/** The fields of a transform in the order of the shader, with their largest values; those in pixels must be whole. */
const FIELDS = [
  { name: 'cropPadding', most: 1024, whole: true, scale: 1 },
  { name: 'flip', most: 1, whole: false, scale: 1 },
  { name: 'rotation', most: 45, whole: false, scale: Math.PI / 180 },
  { name: 'translation', most: 1024, whole: false, scale: 1 },
  { name: 'brightness', most: 1, whole: false, scale: 1 },
  { name: 'contrast', most: 1, whole: false, scale: 1 },
  { name: 'saturation', most: 1, whole: false, scale: 1 },
  { name: 'cutout', most: 1024, whole: true, scale: 1 },
] as const;

/** Numbers of one class in the table. */
export const MAGNITUDES = FIELDS.length;

/** The transforms of the classes as `image_batch_augmented.wgsl` reads them, [classes, MAGNITUDES]. Throws RangeError for one out of range. */
export function magnitudeTable(transforms: readonly ImageTransform[]): Float32Array {
  const table = new Float32Array(transforms.length * MAGNITUDES);
  for (const [c, transform] of transforms.entries()) {
    for (const [i, { name, most, whole, scale }] of FIELDS.entries()) {
      const value = transform[name] ?? 0;
      if (!(value >= 0 && value <= most) || (whole && !Number.isInteger(value))) {
        const kind = whole ? 'a whole number' : 'a number';
        throw new RangeError(`image batch: ${name} of class ${c} must be ${kind} from 0 to ${most}; it is ${value}.`);
      }
      table[c * MAGNITUDES + i] = scale * value;
    }
  }
  return table;
}

/** Share of each channel in grey: ITU-R BT.601 for three, else alike. */
export function lumaOf(channels: number): number[] {
  return channels === 3 ? [0.299, 0.587, 0.114] : new Array<number>(channels).fill(1 / channels);
}
