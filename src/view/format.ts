const MINUS = '−';

/** A number with three or so digits. */
export function short(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const text =
    value === 0
      ? '0'
      : size >= 1e5 || size < 1e-3
        ? value.toExponential(Math.max(1, digits - 2))
        : String(Number(value.toPrecision(digits)));
  return text.replace(/-/g, MINUS);
}

/** Bytes with a unit. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(count < 1e4 ? 1 : 0)} kB`;
  return `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} MB`;
}

/** Floating-point operations with a unit. */
export function flops(count: number | undefined): string {
  if (count === undefined) return '–';
  if (count < 1e3) return `${count}`;
  if (count < 1e6) return `${(count / 1e3).toPrecision(3)} k`;
  return count < 1e9 ? `${(count / 1e6).toPrecision(3)} M` : `${(count / 1e9).toPrecision(3)} G`;
}

/** A time in milliseconds. */
export function milliseconds(ms: number): string {
  return ms >= 1 ? `${ms.toFixed(ms < 10 ? 2 : 1)} ms` : `${(ms * 1000).toFixed(0)} µs`;
}

/** A share as a percentage. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

/** Sizes as '16×32×32×64'. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? 'one number' : shape.join('×');
}
