import { requireLength } from './check_input.ts';
import type { Figure, FigureOptions } from './figure.ts';
import { type HeatMap, heatOverlay } from './heat_overlay.ts';
import { type CaptionLine, imageGrid } from './image_grid.ts';

export interface HeatOverlayGrid extends FigureOptions {
  /** Bytes of N images, [N, H, W, C], C 1 (grey) or 3 (RGB). */
  images: Uint8Array;
  shape: readonly [number, number, number, number];
  /** One map per image, of any size. */
  heats: readonly HeatMap[];
  /** What the maps show, as "Grad-CAM". */
  heatName: string;
  /** For each image the lines under its overlay. */
  captions?: readonly (readonly CaptionLine[])[];
}

/** Images in one row and under each the same image with its heat map over it. */
export function heatOverlayGrid(input: HeatOverlayGrid): Figure {
  const { images, shape, heats, heatName, captions } = input;
  const [n, h, w, c] = shape;
  requireLength('heatOverlayGrid', 'images', images, n * h * w * c, 'shape');
  requireLength('heatOverlayGrid', 'heats', heats, n, 'shape[0]');
  if (captions) requireLength('heatOverlayGrid', 'captions', captions, n, 'shape[0]');
  const pixels = h * w;
  const both = new Uint8Array(2 * n * pixels * 3);
  for (let i = 0; i < n; i++) {
    const image = images.subarray(i * pixels * c, (i + 1) * pixels * c);
    // Alpha 0 leaves the image as it is, in three channels.
    both.set(heatOverlay(image, [h, w, c], heats[i]!, 0), i * pixels * 3);
    both.set(heatOverlay(image, [h, w, c], heats[i]!), (n + i) * pixels * 3);
  }
  return imageGrid({
    name: input.name ?? 'heat_overlay',
    title: input.title ?? heatName,
    caption:
      input.caption ??
      `Above the images, below the same under their ${heatName} maps: blue marks the lowest values (0), red the highest (1).`,
    images: both,
    shape: [2 * n, h, w, 3],
    columns: n,
    rowNames: ['image', heatName],
    captions: [...Array.from({ length: n }, () => []), ...(captions ?? Array.from({ length: n }, () => []))],
  });
}
