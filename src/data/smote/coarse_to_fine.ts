import type { ImageSize } from '../../kernels/image_batch.ts';

/** How often an image is halved: to a quarter of each side. */
const LEVELS = 2;

/**
 * Images as their coefficients of the Haar wavelet of two levels, the coarse ones first: an orthonormal basis, so the distances stay as they
 * are, while in photographs, whose neighbouring pixels are alike, the first sixteenth of the numbers tells most of a distance.
 * Of whole numbers from 0 to 255 the coefficients are quarters of whole numbers, so all of it is exact.
 *
 * images: [N, H, W, C]; returns [N, H · W · C], or the images themselves where a side cannot be halved twice.
 */
export function coarseToFine(images: Float32Array, { height, width, channels }: ImageSize): Float32Array {
  if (height % 2 ** LEVELS !== 0 || width % 2 ** LEVELS !== 0) return images;
  const each = height * width * channels;
  const coefficients = new Float32Array(images.length);
  const image = new Float32Array(each);
  for (let first = 0; first < images.length; first += each) {
    image.set(images.subarray(first, first + each));
    let size = { height, width, channels };
    for (let level = 0; level < LEVELS; level++) {
      halve(image, size, coefficients.subarray(first, first + each));
      size = { height: size.height / 2, width: size.width / 2, channels };
    }
    coefficients.set(image.subarray(0, size.height * size.width * channels), first);
  }
  return coefficients;
}

/**
 * One level: of each square of four pixels half their sum, in place at the front of the image, and half their differences along rows, columns
 * and diagonals, at the second, third and fourth quarter of the coefficients.
 */
function halve(image: Float32Array, { height, width, channels }: ImageSize, coefficients: Float32Array): void {
  const quarter = (height / 2) * (width / 2) * channels;
  let to = 0;
  for (let row = 0; row < height; row += 2) {
    for (let column = 0; column < width; column += 2) {
      for (let channel = 0; channel < channels; channel++, to++) {
        const from = (row * width + column) * channels + channel;
        const a = image[from];
        const b = image[from + channels];
        const c = image[from + width * channels];
        const d = image[from + (width + 1) * channels];
        image[to] = (a + b + c + d) / 2;
        coefficients[quarter + to] = (a - b + c - d) / 2;
        coefficients[2 * quarter + to] = (a + b - c - d) / 2;
        coefficients[3 * quarter + to] = (a - b - c + d) / 2;
      }
    }
  }
}
