import { diverging, paint } from '../../src/view/inspect/numbers.ts';

/** Bytes [H, W, C] as a picture. */
export function picture(
  pixels: ArrayLike<number>,
  [height, width, channels]: readonly [number, number, number],
  size: number,
): HTMLCanvasElement {
  const at = (row: number, column: number, c: number) =>
    pixels[(row * width + column) * channels + (channels === 1 ? 0 : c)];
  return paint([height, width], (row, column) => [at(row, column, 0), at(row, column, 1), at(row, column, 2)], size);
}

/** A map of numbers about 0. */
export function mapPicture(values: Float32Array, height: number, width: number, size: number): HTMLCanvasElement {
  const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return paint([height, width], (row, column) => diverging(values[row * width + column], scale), size);
}

/** An image under a map from 0 to 1: red where it is high, as in the report. */
export function underMap(
  pixels: ArrayLike<number>,
  [height, width, channels]: readonly [number, number, number],
  map: { values: Float32Array; height: number; width: number },
  size: number,
): HTMLCanvasElement {
  return paint(
    [height, width],
    (row, column) => {
      const value =
        map.values[Math.floor((row * map.height) / height) * map.width + Math.floor((column * map.width) / width)];
      const pixel = (c: number) => pixels[(row * width + column) * channels + (channels === 1 ? 0 : c)];
      const heat = [255 * value, 60 + 90 * value, 255 * (1 - value)];
      return [0, 1, 2].map((c) => Math.round(0.45 * pixel(c) + 0.55 * heat[c])) as [number, number, number];
    },
    size,
  );
}
