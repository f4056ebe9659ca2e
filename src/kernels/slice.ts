import type { DeviceArray } from './device_array.ts';
import { ShapeError } from './errors.ts';

/** y[i] = x[start + i] for i below `length`, in memory of its own. Throws ShapeError where that passes the end. */
export function slice(x: DeviceArray<'f32'>, start: number, length: number): DeviceArray<'f32'> {
  if (start < 0 || start + length > x.length) {
    throw new ShapeError(`slice: elements ${start} to ${start + length} of an array of ${x.length}.`);
  }
  const y = x.gpu.alloc(length, 'f32', 'slice');
  x.gpu.copyRange(x, start, y, 0, length);
  return y;
}
