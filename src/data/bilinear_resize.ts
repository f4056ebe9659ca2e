/**
 * Resizes a map [height, width] to [newHeight, newWidth] bilinearly. Pixel centres lie at half-integers and edges repeat, as in
 * PyTorch's interpolate(mode='bilinear', align_corners=False); shrinking samples, it does not average.
 */
export function bilinearResize(
  map: ArrayLike<number>,
  [height, width]: readonly [number, number],
  [newHeight, newWidth]: readonly [number, number],
): Float32Array {
  for (const size of [height, width, newHeight, newWidth]) {
    if (Number.isInteger(size) && size > 0) continue;
    throw new Error(`bilinearResize: a size is ${size}, expected whole numbers, 1 or more.`);
  }
  if (map.length !== height * width) {
    throw new Error(`bilinearResize: map has ${map.length} values, expected ${height} × ${width}.`);
  }
  const rows = sampleAxis(height, newHeight);
  const columns = sampleAxis(width, newWidth);
  const out = new Float32Array(newHeight * newWidth);
  for (const [i, row] of rows.entries()) {
    for (const [j, column] of columns.entries()) {
      const at = (r: number): number => {
        const left = map[r * width + column.low]!;
        return left + (map[r * width + column.high]! - left) * column.share;
      };
      const above = at(row.low);
      out[i * newWidth + j] = above + (at(row.high) - above) * row.share;
    }
  }
  return out;
}

interface Sample {
  low: number;
  high: number;
  /** Weight of `high`. */
  share: number;
}

function sampleAxis(size: number, newSize: number): Sample[] {
  return Array.from({ length: newSize }, (_, i) => {
    const at = Math.max(0, ((i + 0.5) * size) / newSize - 0.5);
    const low = Math.min(size - 1, Math.floor(at));
    return { low, high: Math.min(size - 1, low + 1), share: at - low };
  });
}
