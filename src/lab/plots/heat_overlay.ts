import { bilinearResize } from '../../data/bilinear_resize.ts';
import { requireRange } from './check_input.ts';
import { jet } from './colour_maps.ts';

/** A map of values from 0 to 1, [height, width]. */
export interface HeatMap {
  values: ArrayLike<number>;
  height: number;
  width: number;
}

/**
 * An image [height, width, C] of bytes (C 1 or 3) under a heat map: the map, resized bilinearly to the image, coloured with jet,
 * covers it with weight `alpha`.
 *
 * @returns RGB bytes [height, width, 3]
 */
export function heatOverlay(
  image: Uint8Array,
  [height, width, channels]: readonly [number, number, number],
  heat: HeatMap,
  alpha = 0.5,
): Uint8Array {
  if (image.length !== height * width * channels || (channels !== 1 && channels !== 3)) {
    throw new Error(
      `heatOverlay: image has ${image.length} bytes for shape [${height}, ${width}, ${channels}], expected their product and 1 or 3 channels.`,
    );
  }
  requireRange('heatOverlay', 'alpha', [alpha], 0, 1, 'a weight');
  requireRange('heatOverlay', 'heat.values', heat.values, 0, 1, 'a value');
  const resized = bilinearResize(heat.values, [heat.height, heat.width], [height, width]);
  const out = new Uint8Array(height * width * 3);
  for (const [i, value] of resized.entries()) {
    const colour = jet(value);
    for (let c = 0; c < 3; c++) {
      const byte = image[i * channels + (channels === 3 ? c : 0)]!;
      out[3 * i + c] = Math.round((1 - alpha) * byte + alpha * 255 * colour[c as 0 | 1 | 2]);
    }
  }
  return out;
}
