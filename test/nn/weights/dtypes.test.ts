import { describe, expect, it } from 'vitest';
import { bytesPerElement, isDtype, toFloat32 } from '../../../src/nn/weights/dtypes.ts';

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

const ALL_HALVES = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);

/** A binary floating-point number by its definition: (−1)^sign · 1.fraction · 2^(exponent − bias). */
function definition(bits: number, exponentBits: number, fractionBits: number): number {
  const sign = bits >> (exponentBits + fractionBits) ? -1 : 1;
  const exponent = (bits >> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

describe('toFloat32', () => {
  it.each([
    ['F16', 5, 10],
    ['BF16', 8, 7],
  ] as const)(
    'turns every one of the 65,536 numbers of %s into the same number',
    (dtype, exponentBits, fractionBits) => {
      const values = toFloat32(dtype, bytesOf(ALL_HALVES));
      const wrong = [...ALL_HALVES].filter(
        (bits) => !Object.is(values[bits], definition(bits, exponentBits, fractionBits)),
      );
      expect(wrong).toEqual([]);
    },
  );

  it('rounds float64 to the nearest, and what is too large to infinity', () => {
    const values = Float64Array.of(0.1, 1 + 2 ** -24, 1 + 3 * 2 ** -24, 1e300, -1e300, 1e-300, Number.NaN, -0);
    const expected = [Math.fround(0.1), 1, 1 + 2 ** -22, Infinity, -Infinity, 0, Number.NaN, -0];
    expect([...toFloat32('F64', bytesOf(values))]).toEqual(expected);
  });

  it.each([
    ['I64', BigInt64Array.of(0n, -1n, -(2n ** 63n), 5n), [0, -1, -(2 ** 63), 5]],
    ['U64', BigUint64Array.of(2n ** 64n - 1n, 7n), [2 ** 64, 7]],
    ['I32', Int32Array.of(-(2 ** 31), 3), [-(2 ** 31), 3]],
    ['U32', Uint32Array.of(2 ** 31, 3), [2 ** 31, 3]],
    ['I16', Int16Array.of(-32768, 32767), [-32768, 32767]],
    ['U16', Uint16Array.of(65535), [65535]],
    ['I8', Int8Array.of(-128, 127), [-128, 127]],
    ['U8', Uint8Array.of(255, 0), [255, 0]],
    ['BOOL', Uint8Array.of(1, 0, 2), [1, 0, 1]],
    ['F32', Float32Array.of(1.5, -0), [1.5, -0]],
  ] as const)('reads %s', (dtype, values, expected) => {
    expect(bytesPerElement(dtype)).toBe(values.BYTES_PER_ELEMENT);
    // Wherever the bytes begin in their memory.
    const shifted = new Uint8Array(values.byteLength + 1);
    shifted.set(bytesOf(values), 1);
    expect([...toFloat32(dtype, shifted.subarray(1))]).toEqual(expected);
  });

  it('knows its names and no others', () => {
    expect(['F32', 'I64', 'BF16'].every(isDtype)).toBe(true);
    expect(['F8_E4M3', 'f32', 'toString', undefined, 3, ['F32']].some(isDtype)).toBe(false);
  });
});
