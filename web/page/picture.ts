import { type HeatMap, heatOverlay } from '../../src/lab/plots/heat_overlay.ts';
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

/** A picture [H, W, C] under a map from 0 to 1, as in the report: red where it is high. */
export function underMap(
  pixels: Uint8Array,
  shape: readonly [number, number, number],
  map: HeatMap,
  size: number,
): HTMLCanvasElement {
  return picture(heatOverlay(pixels, shape, map), [shape[0], shape[1], 3], size);
}
