import type { Rows } from '../../../kernels/softmax.ts';

/** Each row of a matrix. */
export const rowsOf = (x: Float32Array, { rows, classes }: Rows) =>
  Array.from({ length: rows }, (_, r) => Array.from(x.subarray(r * classes, (r + 1) * classes)));

/** The sum of numbers, in float64. */
export const sumOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v, 0);
