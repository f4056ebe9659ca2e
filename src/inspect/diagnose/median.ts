/** The middle one of some numbers, the upper of two; NaN of none. */
export function median(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : [...values].sort((a, b) => a - b)[values.length >> 1];
}
