/** One mark of an axis: where it stands and what it says. */
export interface Tick {
  value: number;
  label: string;
}

/** The span of an axis and its marks, in data units. */
export interface Scale {
  min: number;
  max: number;
  ticks: Tick[];
  /** Where bars begin; 0 if not given. */
  origin?: number;
}

/** A number as an axis shows it: no more decimals than `step` needs, powers of ten from a million on. */
export function formatTick(value: number, step: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || step < 1e-4) return value.toExponential(2).replace(/\.?0+e\+?/, 'e');
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return value.toFixed(decimals).replace('-', '−');
}

/** The step among 1, 2, 5 times a power of ten that cuts `span` into at most `count` pieces. */
export function niceStep(span: number, count: number): number {
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = [1, 2, 5, 10].find((multiple) => span / (multiple * power) <= count + 1e-9) ?? 10;
  return step * power;
}

interface LinearScaleOptions {
  /** Keeps 0 on the axis, as bars need it. */
  zero?: boolean;
  /** At most this many steps; 5 by default. */
  count?: number;
  /** Ticks at least this far apart: 1 for counts. */
  minStep?: number;
  /** The axis covers at least this much, the data in its middle. */
  minSpan?: number;
  /** Values the quantity cannot pass; room that the axis adds stays between them. */
  min?: number;
  max?: number;
}

/**
 * A linear axis around the finite ones of the values, ending on ticks. Values that are all equal get room on both sides; no finite
 * value at all gives 0 to 1.
 */
export function linearScale(values: Iterable<number>, options: LinearScaleOptions = {}): Scale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  if (options.zero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  const minSpan = options.minSpan ?? (low === high ? 0.2 * Math.abs(low) || 1 : 0);
  if (high - low < minSpan) {
    const middle = (low + high) / 2;
    // Room that does not fit on one side goes to the other.
    const floor = options.min ?? (options.zero ? 0 : Number.NEGATIVE_INFINITY);
    low = Math.max(Math.min(floor, low), Math.min(low, middle - minSpan / 2));
    high = Math.max(high, low + minSpan);
    const ceiling = Math.max(options.max ?? Number.POSITIVE_INFINITY, low);
    if (high > ceiling) [low, high] = [ceiling - minSpan, ceiling];
  }
  const step = Math.max(options.minStep ?? 0, niceStep(high - low, options.count ?? 5));
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const ticks: Tick[] = [];
  for (let i = first; i <= last; i++) ticks.push({ value: multiple(i, step), label: formatTick(i * step, step) });
  return { min: multiple(first, step), max: multiple(last, step), ticks };
}

/** i · step without the last binary digits' noise: 47 · 0.01 is 0.47. */
function multiple(i: number, step: number): number {
  return Number((i * step).toPrecision(12));
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 10 to the given power as a label: plain digits up to 100000, then 10⁶. */
export function formatPowerOfTen(exponent: number): string {
  if (exponent >= 0 && exponent <= 5) return `${10 ** exponent}`;
  const digits = [...`${Math.abs(exponent)}`].map((digit) => SUPERSCRIPTS[Number(digit)]).join('');
  return `10${exponent < 0 ? '⁻' : ''}${digits}`;
}

/**
 * A logarithmic axis for counts, in units of log10: a tick at each power of ten from 1 to the first one that is at least the
 * largest count. Where a count of 1 or 0 occurs the axis begins at one half, so that 1 has a bar and 0 has none.
 */
export function logCountScale(counts: readonly number[]): Scale {
  const largest = counts.reduce((a, b) => Math.max(a, b), 1);
  const top = Math.max(1, Math.ceil(Math.log10(largest) - 1e-9));
  const ticks = Array.from({ length: top + 1 }, (_, exponent) => ({
    value: exponent,
    label: formatPowerOfTen(exponent),
  }));
  const min = counts.some((count) => count <= 1) ? Math.log10(0.5) : 0;
  return { min, max: top, ticks, origin: min };
}

/** A logarithmic axis for positive numbers, in units of log10: from the power of ten below the least to the one above the largest, a tick at each. */
export function logScale(values: readonly number[]): Scale {
  const min = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const max = Math.max(min + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  const ticks = Array.from({ length: max - min + 1 }, (_, i) => ({ value: min + i, label: formatPowerOfTen(min + i) }));
  return { min, max, ticks };
}

/** An axis of epochs 1 … `epochs`: whole numbers only, every one up to 12, then 1 and the multiples of a round step. */
export function epochScale(epochs: number): Scale {
  const step = epochs <= 12 ? 1 : Math.max(5, niceStep(epochs, 10));
  const values = [1];
  for (let epoch = step; epoch <= epochs; epoch += step) if (epoch > 1) values.push(epoch);
  const ticks = values.map((value) => ({ value, label: `${value}` }));
  return epochs === 1 ? { min: 0, max: 2, ticks } : { min: 1, max: epochs, ticks };
}
