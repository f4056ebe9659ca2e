import { describe, expect, it } from 'vitest';
import { fromHalves, toHalves } from '../../src/runtime/half.ts';

const FINITE = 0x7c00;
/** What the bits of a half-precision number say, by the definition. */
function numberOf(half: number): number {
  const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

describe('half precision on the host', () => {
  it('reads every number, and writes it back to the same bits', () => {
    const halves = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const values = fromHalves(halves);
    expect([...values].findIndex((value, i) => !Object.is(value, numberOf(i)))).toBe(-1);
    const back = toHalves(values);
    // Of NaN there is one alone.
    expect([...back].findIndex((half, i) => half !== i && !Number.isNaN(numberOf(i)))).toBe(-1);
    expect([...toHalves([Number.NaN])]).toEqual([0x7e00]);
  });

  it('rounds to the nearest, and from the middle to the even one, up to an infinity', () => {
    const wrong: number[] = [];
    for (let half = 0; half < FINITE; half++) {
      const low = numberOf(half);
      // Behind the last finite number comes what would be the next.
      const high = half + 1 === FINITE ? 65_536 : numberOf(half + 1);
      const middle = (low + high) / 2;
      const near = 2 ** -12 * (high - low);
      const expected = [half, half + (half & 1), half + 1];
      const found = toHalves([middle - near, middle, middle + near]);
      const negative = toHalves([near - middle, -middle, -middle - near]);
      if (expected.some((bits, i) => found[i] !== bits || negative[i] !== bits + 0x8000)) wrong.push(half);
    }
    expect(wrong).toEqual([]);
    expect([...fromHalves(toHalves([1e9, -3e38, Number.POSITIVE_INFINITY, 1e-9, -1e-40]))]).toEqual([
      ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0, -0],
    ]);
  });
});
