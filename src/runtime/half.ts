// IEEE 754 binary16 on the host: 1 bit of sign, 5 of exponent, 10 of fraction.

/** The largest finite number. */
export const LARGEST_HALF = 65504;

const word = new Uint32Array(1);
const number = new Float32Array(word.buffer);

/** The half-precision numbers nearest to these, ties to even, as a shader's conversion rounds; an infinity from 65520 on. */
export function toHalves(values: ArrayLike<number>): Uint16Array {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    number[0] = values[i];
    const sign = (word[0] >>> 16) & 0x8000;
    const magnitude = word[0] & 0x7fffffff;
    if (magnitude > 0x7f800000) halves[i] = sign | 0x7e00;
    else if (magnitude >= 0x477ff000) halves[i] = sign | 0x7c00;
    else if (magnitude < 0x38800000) {
      // Subnormal: a whole number of 2⁻²⁴. Added to 0.5, whose last place is that, float32 itself rounds.
      word[0] = magnitude;
      number[0] += 0.5;
      halves[i] = sign | (word[0] - 0x3f000000);
    } else {
      // Half of the last place that is kept, less one unit where that place is even.
      halves[i] = sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
    }
  }
  return halves;
}

/** Exact in float32. */
export function fromHalves(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (const [i, half] of halves.entries()) {
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    // Subnormal: the fraction counts in units of 2⁻²⁴.
    if (exponent === 0) values[i] = (sign === 0 ? 1 : -1) * fraction * 2 ** -24;
    else if (exponent === 0x1f) bits[i] = sign | 0x7f800000 | (fraction << 13);
    else bits[i] = sign | ((exponent + 127 - 15) << 23) | (fraction << 13);
  }
  return values;
}
