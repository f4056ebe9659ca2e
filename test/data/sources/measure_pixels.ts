/** Mean and population deviation of greyscale bytes scaled to [0, 1], from their histogram. */
export function measurePixels(images: Uint8Array): { mean: number; std: number } {
  const histogram = new Array<number>(256).fill(0);
  for (const value of images) histogram[value]++;
  const mean = histogram.reduce((sum, count, value) => sum + (count * value) / 255, 0) / images.length;
  const variance = histogram.reduce((sum, count, value) => sum + count * (value / 255 - mean) ** 2, 0) / images.length;
  return { mean, std: Math.sqrt(variance) };
}
