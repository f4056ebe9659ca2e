import { describe, expect, it } from 'vitest';
import { addInPlace, scale } from '../../src/kernels/elementwise.ts';
import { addEach, allocPacked, MOST_PACKED, pack, packedSpan, stretches } from '../../src/kernels/packing.ts';
import type { DeviceArray } from '../../src/runtime/gpu.ts';
import { randomValues, useGpu } from '../gpu.ts';

const held = useGpu({ fences: false });
const LENGTHS = [5, 64, 1, 130];

function arraysOf(lengths: readonly number[]): { arrays: DeviceArray<'f32'>[]; values: Float32Array[] } {
  const values = lengths.map((length, i) => randomValues(length, i + 1));
  return { arrays: values.map((data) => held.gpu.upload(data, 'test')), values };
}

const read = (arrays: readonly DeviceArray[]) => Promise.all(arrays.map((array) => array.read()));

describe('pack', () => {
  it('moves arrays behind each other without changing them, by copies alone', async () => {
    const { gpu } = held;
    const { arrays, values } = arraysOf(LENGTHS);
    pack(arrays); // Warms up the poisoning of new memory.
    const { dispatches } = gpu.counters;
    pack(arrays);
    expect(gpu.counters.dispatches - dispatches).toBe(1);
    expect(await read(arrays)).toEqual(values);
    expect(arrays.map(({ memory }) => memory.offset)).toEqual([0, 256, 512, 768]);
    expect(new Set(arrays.map(({ memory }) => memory.root)).size).toBe(1);
  });

  it('leaves arrays that can be read, written and computed with where they are', async () => {
    const { gpu } = held;
    const { arrays, values } = arraysOf(LENGTHS);
    pack(arrays);
    const [, second, third] = arrays;
    gpu.write(
      second,
      values[1].map((value) => value + 1),
    );
    const doubled = scale(second, 2);
    addInPlace(third, gpu.upload(Float32Array.of(3), 'test'));
    expect(await second.read()).toEqual(values[1].map((value) => value + 1));
    expect(await doubled.read()).toEqual(values[1].map((value) => Math.fround(value + 1) * 2));
    expect(await third.read()).toEqual(values[2].map((value) => value + 3));
    expect(await arrays[3].read()).toEqual(values[3]);
    expect(await arrays[0].read()).toEqual(values[0]);
  });

  it('copies between arrays of one buffer', async () => {
    const { gpu } = held;
    const { arrays, values } = arraysOf(LENGTHS);
    pack(arrays);
    gpu.copyRange(arrays[3], 10, arrays[1], 4, 20);
    const expected = Float32Array.from(values[1]);
    expected.set(values[3].subarray(10, 30), 4);
    expect(await arrays[1].read()).toEqual(expected);
  });

  it('frees the memory of all when the last is released, and not before', () => {
    const { gpu } = held;
    const before = gpu.memory.liveBytes;
    const { arrays } = arraysOf([1000, 1000]);
    pack(arrays);
    const packed = gpu.memory.liveBytes;
    arrays[0].release();
    expect(gpu.memory.liveBytes).toBe(packed);
    arrays[1].release();
    expect(gpu.memory.liveBytes).toBe(before);
    expect(() => arrays[1].memory).toThrow('was used after its memory was recycled');
  });

  it('moves what is packed already, and what scopes own', async () => {
    const { gpu } = held;
    const before = gpu.memory.liveBytes;
    await gpu.scope(async () => {
      const { arrays, values } = arraysOf(LENGTHS);
      pack(arrays);
      pack([arrays[2], arrays[0]]);
      expect(await read(arrays)).toEqual(values);
      expect(arrays[0].memory.offset).toBe(256);
      expect(arrays[0].memory.root).not.toBe(arrays[1].memory.root);
    });
    expect(gpu.memory.liveBytes).toBe(before);
  });
});

describe('packedSpan', () => {
  it('is the memory of all of them', async () => {
    const { arrays, values } = arraysOf(LENGTHS);
    const span = packedSpan(arrays);
    expect(span.length).toBe(64 * 3 + 130);
    const doubled = await scale(span, 2).read();
    expect(doubled.subarray(64, 128)).toEqual(values[1].map((value) => 2 * value));
    expect(doubled.subarray(192)).toEqual(values[3].map((value) => 2 * value));
    const { dispatches } = held.gpu.counters;
    const again = packedSpan(arrays.slice(1));
    expect(held.gpu.counters.dispatches).toBe(dispatches);
    expect([again.memory.root, again.memory.offset]).toEqual([span.memory.root, 256]);
  });
});

describe('stretches', () => {
  it('cuts where any column does not go on', () => {
    const { gpu } = held;
    const parameters = allocPacked(gpu, [5, 6, 7, 8], 'test');
    const kept = [...allocPacked(gpu, [5, 6], 'test'), ...allocPacked(gpu, [7, 8], 'test')];
    const rows = parameters.map((parameter, i) => [parameter, kept[i]]);
    expect(stretches(rows, rows[0].length)).toEqual([rows.slice(0, 2), rows.slice(2)]);
    expect(stretches([rows[0], rows[2], rows[3]], 2)).toEqual([[rows[0]], [rows[2], rows[3]]]);
    expect(stretches([rows[1], rows[0]], 2)).toEqual([[rows[1]], [rows[0]]]);
  });

  it('spans no more than a binding can', () => {
    // Nothing is allocated: the device is one of low limits.
    const gpu = { limits: { arrayBytes: 4096 } };
    const root = {};
    const array = (start: number) =>
      ({ gpu, length: 512, memory: { root, offset: 4 * start } }) as unknown as DeviceArray<'f32'>;
    const rows = [[array(0)], [array(512)], [array(1024)]];
    expect(stretches(rows, 1).map(({ length }) => length)).toEqual([2, 1]);
  });
});

describe('large arrays', () => {
  const LARGE = MOST_PACKED + 1;

  it('stay where they are, and the small ones around them come together', async () => {
    const { gpu } = held;
    const { arrays, values } = arraysOf([5, LARGE, 64, 3]);
    const { memory } = arrays[1];
    pack(arrays);
    expect(arrays[1].memory).toBe(memory);
    expect([0, 2, 3].map((i) => arrays[i].memory.offset)).toEqual([0, 256, 512]);
    expect(await read(arrays)).toEqual(values);
    const rows = arrays.map((array) => [array]);
    expect(stretches(rows, 1)).toEqual([[rows[0], rows[2], rows[3]], [rows[1]]]);
    expect(allocPacked(gpu, [5, LARGE, 64], 'test').map(({ length }) => length)).toEqual([5, LARGE, 64]);
  });

  it('are added, each by itself, with the small ones', async () => {
    const sums = arraysOf([5, LARGE, 70]);
    const terms = arraysOf([5, LARGE, 70]);
    addEach(sums.arrays, terms.arrays);
    const expected = sums.values.map((values, i) => values.map((value, j) => value + terms.values[i][j]));
    expect(await read(sums.arrays)).toEqual(expected);
    // One that is added to two cannot lie in two places.
    const [term] = terms.arrays;
    const both = arraysOf([5, 5]);
    addEach(both.arrays, [term, term]);
    const twice = both.values.map((values) => values.map((value, j) => value + terms.values[0][j]));
    expect(await read(both.arrays)).toEqual(twice);
  });
});
