import type { ImageBytes } from './image_dataset.ts';

/** Pixels that are read at a time. */
const BLOCK_PIXELS = 2 ** 22;

/** Per channel, of pixels scaled to [0, 1]. */
export interface PixelStatistics {
  mean: number[];
  std: number[];
}

/**
 * Mean and population deviation of each channel, exact but for the last rounding: from a histogram of the 256 values.
 *
 * images: [..., channels] bytes, channels last; at least one pixel.
 */
export function measurePixels(images: ImageBytes, channels: number): PixelStatistics {
  const histograms = Array.from({ length: channels }, () => new Float64Array(256));
  const block = BLOCK_PIXELS * channels;
  for (let start = 0; start < images.length; start += block) {
    const bytes = images.subarray(start, Math.min(start + block, images.length));
    for (let at = 0; at < bytes.length; at += channels) {
      for (let channel = 0; channel < channels; channel++) histograms[channel][bytes[at + channel]]++;
    }
  }
  const pixels = images.length / channels;
  const mean = histograms.map((counts) => counts.reduce((sum, count, value) => sum + count * value, 0) / pixels / 255);
  const std = histograms.map((counts, channel) =>
    Math.sqrt(counts.reduce((sum, count, value) => sum + count * (value / 255 - mean[channel]) ** 2, 0) / pixels),
  );
  return { mean, std };
}
