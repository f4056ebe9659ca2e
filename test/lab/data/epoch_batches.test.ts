import { describe, expect, it } from 'vitest';
import { epochBatches, stepsPerEpoch } from '../../../src/lab/data/epoch_batches.ts';

const base = { count: 103, batchSize: 10, seed: 42, epoch: 0, shuffle: true };
const flat = (batches: Iterable<Uint32Array>) => [...batches].flatMap((batch) => [...batch]);
const inOrder = Array.from({ length: 103 }, (_, position) => position);

describe('epochBatches', () => {
  it('yields each sample once, in full batches and a rest', () => {
    const batches = [...epochBatches(base)];
    expect(batches.map((batch) => batch.length)).toEqual([...new Array(10).fill(10), 3]);
    expect(stepsPerEpoch(base)).toBe(11);
    expect(flat(batches)).not.toEqual(inOrder);
    expect(flat(batches).sort((a, b) => a - b)).toEqual(inOrder);
  });

  it('drops the rest where asked, and nothing where there is none', () => {
    expect([...epochBatches({ ...base, dropLast: true })]).toEqual([...epochBatches(base)].slice(0, 10));
    expect(stepsPerEpoch({ ...base, dropLast: true })).toBe(10);
    expect(flat(epochBatches({ ...base, count: 100, dropLast: true })).length).toBe(100);
  });

  it('keeps the order of the set without shuffling', () => {
    expect(flat(epochBatches({ ...base, shuffle: false }))).toEqual(inOrder);
  });

  it('is a pure function of its arguments', () => {
    const alone = flat(epochBatches({ ...base, epoch: 3 }));
    for (let epoch = 0; epoch < 3; epoch++) flat(epochBatches({ ...base, epoch }));
    expect(flat(epochBatches({ ...base, epoch: 3 }))).toEqual(alone);
  });

  it('gives other orders to other epochs and seeds', () => {
    const orders = [
      { seed: 42, epoch: 0 },
      { seed: 42, epoch: 1 },
      { seed: 43, epoch: 0 },
      { seed: 43, epoch: 1 },
    ].map((change) => flat(epochBatches({ ...base, ...change })).join());
    expect(new Set(orders).size).toBe(4);
  });

  it('has the same order whatever the batch size', () => {
    expect(flat(epochBatches({ ...base, batchSize: 7 }))).toEqual(flat(epochBatches(base)));
  });

  it('is taken up again at a step', () => {
    expect([...epochBatches({ ...base, firstStep: 4 })]).toEqual([...epochBatches(base)].slice(4));
    expect([...epochBatches({ ...base, firstStep: 11 })]).toEqual([]);
  });

  it('hands out batches that a caller may change, each in a buffer of its own', () => {
    const [first] = epochBatches({ ...base, shuffle: false });
    first.fill(0);
    expect(first.buffer.byteLength).toBe(first.byteLength);
    expect([...epochBatches({ ...base, shuffle: false })][0]).toEqual(Uint32Array.from({ length: 10 }, (_, at) => at));
  });

  it('yields nothing of an empty set', () => {
    expect([...epochBatches({ ...base, count: 0 })]).toEqual([]);
  });

  it.each([
    [{ batchSize: 0 }, 'batchSize'],
    [{ batchSize: 2.5 }, 'batchSize'],
    [{ count: -1 }, 'count'],
    [{ epoch: 65_536 }, 'epoch'],
    [{ firstStep: -1 }, 'firstStep'],
  ])('refuses %j at once', (wrong, name) => {
    expect(() => epochBatches({ ...base, ...wrong })).toThrow(RangeError);
    expect(() => epochBatches({ ...base, ...wrong })).toThrow(`epochBatches: ${name} must be a whole number`);
  });
});
