import { describe, expect, it } from 'vitest';
import { shrinkKernel } from '../../../src/nn/weights/shrink_kernel.ts';
import { randomValues, relativeError } from '../../gpu.ts';

/** Every old tap as 3×3 pieces, every new one the sum of the 7×7 pieces in its square. */
function byPieces(kernel: Float32Array): number[] {
  return Array.from({ length: 9 }, (_, at) => {
    let sum = 0;
    for (let y = 0; y < 7; y++) {
      for (let x = 0; x < 7; x++) {
        const [row, column] = [Math.floor((Math.floor(at / 3) * 7 + y) / 3), Math.floor(((at % 3) * 7 + x) / 3)];
        sum += kernel[row * 7 + column] / 9;
      }
    }
    return sum;
  });
}

describe('shrinkKernel', () => {
  it('sums what each new tap covers', () => {
    const data = randomValues(2 * 3 * 49, 1);
    const { shape, data: small } = shrinkKernel({ shape: [2, 3, 7, 7], data });
    expect(shape).toEqual([2, 3, 3, 3]);
    const expected = Array.from({ length: 6 }, (_, k) => byPieces(data.subarray(k * 49, (k + 1) * 49))).flat();
    // Sums in float64, rounded once.
    expect(relativeError(small, expected)).toBeLessThan(1e-6);
  });

  it('keeps the response to an even image, and leaves a 3×3 kernel as it is', () => {
    const data = randomValues(49, 2);
    const total = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0);
    expect(total(shrinkKernel({ shape: [1, 1, 7, 7], data }).data)).toBeCloseTo(total(data), 5);
    const small = randomValues(9, 3);
    expect(shrinkKernel({ shape: [1, 1, 3, 3], data: small }).data).toEqual(small);
  });
});
