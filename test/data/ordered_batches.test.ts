import { describe, expect, it } from 'vitest';
import { orderedBatches } from '../../src/data/ordered_batches.ts';

const flat = (batches: Iterable<Uint32Array>) => [...batches].flatMap((batch) => [...batch]);
/** 103 positions in an order of their own. */
const order = Uint32Array.from({ length: 103 }, (_, position) => (position * 7) % 103);

describe('orderedBatches', () => {
  it('yields the order in full batches and a rest', () => {
    const batches = [...orderedBatches(order, { batchSize: 10 })];
    expect(batches.map((batch) => batch.length)).toEqual([...new Array(10).fill(10), 3]);
    expect(flat(batches)).toEqual([...order]);
  });

  it('has no rest where there is none', () => {
    const batches = [...orderedBatches(order.subarray(0, 100), { batchSize: 10 })];
    expect(batches.map((batch) => batch.length)).toEqual(new Array(10).fill(10));
  });

  it('leaves a smaller last batch out where asked to', () => {
    const batches = (count: number, firstStep = 0) =>
      [...orderedBatches(order.subarray(0, count), { batchSize: 10, firstStep, dropLast: true })].map(
        ({ length }) => length,
      );
    expect(batches(103)).toEqual(new Array(10).fill(10));
    expect(batches(100)).toEqual(new Array(10).fill(10));
    expect(batches(103, 9)).toEqual([10]);
    expect(batches(9)).toEqual([]);
  });

  it('has the same order whatever the batch size', () => {
    expect(flat(orderedBatches(order, { batchSize: 7 }))).toEqual([...order]);
  });

  it('repeats a position that the order repeats', () => {
    const repeating = Uint32Array.of(4, 4, 1, 0, 9);
    expect([...orderedBatches(repeating, { batchSize: 2 })].map((batch) => [...batch])).toEqual([[4, 4], [1, 0], [9]]);
  });

  it('is taken up again at a step', () => {
    const whole = [...orderedBatches(order, { batchSize: 10 })];
    expect([...orderedBatches(order, { batchSize: 10, firstStep: 4 })]).toEqual(whole.slice(4));
    expect([...orderedBatches(order, { batchSize: 10, firstStep: 11 })]).toEqual([]);
  });

  it('hands out batches that a caller may change, each in a buffer of its own', () => {
    const [first] = orderedBatches(order, { batchSize: 10 });
    const before = [...order];
    first.fill(0);
    expect(first.buffer.byteLength).toBe(first.byteLength);
    expect([...order]).toEqual(before);
  });

  it('yields nothing of an empty set', () => {
    expect([...orderedBatches(new Uint32Array(0), { batchSize: 10 })]).toEqual([]);
  });

  it.each([
    [{ batchSize: 0 }, 'batchSize'],
    [{ batchSize: 2.5 }, 'batchSize'],
    [{ firstStep: -1 }, 'firstStep'],
  ])('refuses %j at once', (wrong, name) => {
    expect(() => orderedBatches(order, { batchSize: 10, ...wrong })).toThrow(RangeError);
    expect(() => orderedBatches(order, { batchSize: 10, ...wrong })).toThrow(
      `orderedBatches: ${name} must be a whole number`,
    );
  });
});
