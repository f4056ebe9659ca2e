import type { ImageSize } from '../../../kernels/image_batch.ts';
import type { ImageTransform } from '../../../kernels/image_transform.ts';
import { philoxBlock } from '../../../runtime/philox.ts';

const uniform = (word: number) => (word >>> 8) / 2 ** 24;
const signed = (word: number) => 2 * uniform(word) - 1;

/** Share of each channel in grey: ITU-R BT.601 for three, else alike. */
export const lumaByHand = (channels: number): number[] =>
  channels === 3 ? [0.299, 0.587, 0.114] : new Array<number>(channels).fill(1 / channels);

/**
 * What `image_batch_augmented.wgsl` makes of an image at place b of a batch, in float64 from the same draws. image: [H, W, C] bytes;
 * luma: [C]. Returns [H, W, C], normalised.
 */
export function transformedImage(
  image: Uint8Array,
  { height, width, channels }: ImageSize,
  transform: ImageTransform,
  { mean, std, luma }: { mean: readonly number[]; std: readonly number[]; luma: readonly number[] },
  { seed, offset, b }: { seed: number; offset: number; b: number },
): number[] {
  const { cropPadding = 0, flip = 0, rotation = 0, translation = 0, cutout = 0 } = transform;
  const first = philoxBlock([b, offset, 0, 0], [seed, 0]);
  const second = philoxBlock([b, offset, 1, 2], [seed, 0]);
  const third = philoxBlock([b, offset, 2, 2], [seed, 0]);
  const span = 2 * cropPadding + 1;
  const shift = {
    x: (first[1] % span) - cropPadding + translation * signed(second[0]),
    y: (first[0] % span) - cropPadding + translation * signed(second[1]),
  };
  const mirrored = uniform(first[2]) < flip;
  const angle = ((rotation * Math.PI) / 180) * signed(first[3]);
  const brightness = 1 + (transform.brightness ?? 0) * signed(second[2]);
  const contrast = 1 + (transform.contrast ?? 0) * signed(second[3]);
  const saturation = 1 + (transform.saturation ?? 0) * signed(third[0]);
  const cutRow = (third[1] % height) - Math.floor(cutout / 2);
  const cutColumn = (third[2] % width) - Math.floor(cutout / 2);

  const byte = (row: number, column: number, c: number) =>
    row < 0 || column < 0 || row >= height || column >= width ? 0 : image[(row * width + column) * channels + c] / 255;
  const grey = image.reduce((sum, value, i) => sum + (luma[i % channels] * value) / 255, 0) / (height * width);

  const result: number[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = (mirrored ? -1 : 1) * (column - (width - 1) / 2);
      const y = row - (height - 1) / 2;
      const fromX = Math.cos(angle) * x + Math.sin(angle) * y + (width - 1) / 2 + shift.x;
      const fromY = -Math.sin(angle) * x + Math.cos(angle) * y + (height - 1) / 2 + shift.y;
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      const [right, below] = [fromX - left, fromY - top];
      const values = luma.map((_, c) => {
        const value =
          (1 - below) * ((1 - right) * byte(top, left, c) + right * byte(top, left + 1, c)) +
          below * ((1 - right) * byte(top + 1, left, c) + right * byte(top + 1, left + 1, c));
        return brightness * (grey + contrast * (value - grey));
      });
      const own = values.reduce((sum, value, c) => sum + luma[c] * value, 0);
      const inSquare = row >= cutRow && row < cutRow + cutout && column >= cutColumn && column < cutColumn + cutout;
      values.forEach((value, c) => {
        const clamped = Math.min(1, Math.max(0, own + saturation * (value - own)));
        result.push(inSquare ? 0 : (clamped - mean[c]) / std[c]);
      });
    }
  }
  return result;
}
