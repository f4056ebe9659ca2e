import { describe, expect, it } from 'vitest';
import { readWeights } from '../../../src/nn/weights/read_weights.ts';
import { op, pickle, pickleOf, rebuilt, storage, type TensorParts, torchLegacy, torchZip } from './make_pickle.ts';
import { refusal } from './refusal.ts';

const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
const four = storage('FloatStorage', '0', op.int(4));
const DATA = { 'archive/data/0': floats };

const weightIn = (file: Uint8Array) => readWeights(file).get('weight');
const zipOf = (parts: TensorParts, data: Uint8Array = floats) => torchZip(pickleOf(parts), { 'archive/data/0': data });
const legacyOf = (parts: TensorParts, count = 4n, bytes: Uint8Array = floats) =>
  torchLegacy(pickleOf(parts), [{ key: '0', count, bytes }]);

describe('tensors of PyTorch files', () => {
  it('are rebuilt from their storage in both forms', () => {
    const parts = { storage: four, offset: op.int(1), shape: [op.int(3)] };
    for (const file of [zipOf(parts), legacyOf(parts)]) {
      expect(weightIn(file)).toEqual({ shape: [3], data: Float32Array.of(2, 3, 4) });
    }
  });

  it('may look at a part of a storage, as before PyTorch 0.4', () => {
    const part = [...op.mark, ...op.text('part'), ...op.int(1), ...op.int(2), ...op.tuple];
    const of = storage('FloatStorage', '0', op.int(4), part);
    expect(weightIn(legacyOf({ storage: of }))?.data).toEqual(Float32Array.of(2, 3));
    expect(refusal(() => weightIn(legacyOf({ storage: of, shape: [op.int(3)] })))).toContain('beyond its 2 elements');
    const beyond = [...op.mark, ...op.text('part'), ...op.int(3), ...op.int(2), ...op.tuple];
    const wrong = storage('FloatStorage', '0', op.int(4), beyond);
    expect(refusal(() => weightIn(legacyOf({ storage: wrong })))).toBe(
      "A part of the storage '0' reaches beyond its 4 elements.",
    );
  });

  it('stand in dictionaries as Python 2 wrote them: made from a list of lists', () => {
    const pair = [...op.emptyList, ...op.mark, ...op.text('weight'), ...rebuilt({ storage: four }), ...op.appends];
    const made = [op.global('collections', 'OrderedDict'), op.emptyList, pair, op.append, op.tuple1, op.reduce];
    expect(weightIn(torchZip(pickle(...made), DATA))?.data).toEqual(Float32Array.of(1, 2));
    const odd = [op.global('collections', 'OrderedDict'), op.emptyList, op.int(1), op.append, op.tuple1, op.reduce];
    expect(refusal(() => weightIn(torchZip(pickle(...odd))))).toContain('of something that is not pairs');
    const none = [op.global('collections', 'OrderedDict'), op.int(1), op.tuple1, op.reduce];
    expect(refusal(() => weightIn(torchZip(pickle(...none))))).toContain('makes a dictionary of something else');
  });

  it.each<[string, TensorParts, string]>([
    ['a size beyond the storage', { storage: four, shape: [op.int(5)] }, 'from element 0 on, reaches beyond its 4 el'],
    ['an offset beyond it', { storage: four, offset: op.int(3) }, 'from element 3 on, reaches beyond its 4 elements'],
    ['a stride beyond it', { storage: four, stride: [op.int(4)] }, 'of shape [2] and stride [4] from'],
    ['a negative size', { storage: four, shape: [op.int(-2)] }, 'has the size [-2]'],
    ['a negative stride', { storage: four, stride: [op.int(-1)] }, 'the stride [-1]'],
    ['a negative offset', { storage: four, offset: op.int(-1) }, 'the offset -1; whole numbers are needed'],
    ['a size that is no number', { storage: four, shape: [op.text('2')] }, 'has the size ["2"]'],
    ['a size beyond 2⁵³', { storage: four, shape: [op.long(2n ** 60n, 9)] }, 'has the size [1152921504606846976]'],
    ['fewer strides than sizes', { storage: four, stride: [] }, 'as many strides as sizes'],
    [
      'a product beyond all counting',
      {
        storage: four,
        shape: [op.long(2n ** 52n, 8), op.long(2n ** 52n, 8)],
        stride: [op.long(2n ** 52n, 8), op.int(1)],
      },
      'reaches beyond its 4 elements',
    ],
    [
      '65 dimensions',
      { storage: four, shape: Array(65).fill(op.int(1)), stride: Array(65).fill(op.int(1)) },
      'and of both 64 at most',
    ],
    ['no storage', { storage: op.int(0) }, 'rebuilds a tensor without a storage'],
    ['a storage of no type', { storage: storage('Size', '0', op.int(4)) }, 'not the storage of a tensor'],
    [
      'a negative storage',
      { storage: storage('FloatStorage', '0', op.int(-4)) },
      "'0' is of -4 elements; a whole number",
    ],
    ['a storage that is not in the file', { storage: storage('FloatStorage', '1', op.int(4)) }, "The storage '1'"],
    ['another persistent id', { storage: [...op.text('x'), ...op.persistentId] }, 'not the storage of a tensor'],
  ])('are refused with %s', (_name, parts, message) => {
    expect(refusal(() => weightIn(zipOf(parts)))).toContain(message);
    refusal(() => weightIn(legacyOf(parts)));
  });

  it('do not grow from nothing', () => {
    // Stride 0: one number, said to be 2⁴⁰ of them; then, many times over, a storage of a million.
    const expanded = { storage: four, shape: [op.long(2n ** 40n, 6)], stride: [op.int(0)] };
    expect(refusal(() => weightIn(zipOf(expanded)))).toMatch(/far more numbers than the file's \d+ bytes hold/);
    const endless = { storage: four, shape: Array(64).fill(op.long(2n ** 52n, 7)), stride: Array(64).fill(op.int(0)) };
    expect(refusal(() => weightIn(zipOf(endless)))).toContain('far more numbers');
    const million = rebuilt({ storage: storage('FloatStorage', '0', op.int(1e6)), shape: [op.int(1e6)] });
    const items = Array.from({ length: 100 }, (_, i) => [...op.text(`${i}`), ...op.get(0)]);
    const file = torchZip(pickle(op.mark, million, op.put(0), op.tuple, op.emptyDict, op.mark, ...items, op.setItems), {
      'archive/data/0': new Uint8Array(4e6),
    });
    expect(refusal(() => weightIn(file))).toContain('far more numbers');
    // A dictionary of 200 entries that is copied 2000 times, by six bytes each.
    const entries = Array.from({ length: 200 }, (_, i) => [...op.int(i), ...op.none]);
    const copies = Array.from({ length: 2000 }, () => [...op.get(1), ...op.get(0), ...op.tuple1, ...op.reduce]);
    const counter = [...op.global('collections', 'Counter'), ...op.put(1)];
    const copying = pickle(op.emptyDict, op.mark, ...entries, op.setItems, op.put(0), counter, ...copies);
    expect(refusal(() => weightIn(torchZip(copying)))).toBe('The pickle copies its dictionaries over and over.');
  });

  it('with a storage that is described twice, in different ways', () => {
    const other = rebuilt({ storage: storage('DoubleStorage', '0', op.int(4)) });
    const file = torchZip(
      pickle(op.emptyDict, op.mark, op.text('a'), rebuilt({ storage: four }), op.text('b'), other, op.setItems),
      DATA,
    );
    expect(refusal(() => readWeights(file))).toBe("The storage '0' is described twice, in different ways.");
  });
});

describe('the zip form', () => {
  it('turns big-endian numbers round', () => {
    const swapped = new Uint8Array(Buffer.from(floats).swap32());
    const file = (order: string) =>
      torchZip(pickleOf({ storage: four }), { 'archive/data/0': swapped, 'archive/byteorder': Buffer.from(order) });
    expect(weightIn(file('big'))?.data).toEqual(Float32Array.of(1, 2));
    expect(weightIn(file('little'))?.data).not.toEqual(Float32Array.of(1, 2));
    expect(refusal(() => weightIn(file('middle')))).toBe(
      'The PyTorch file\'s byteorder is "middle"; it must be little or big.',
    );
  });

  it.each<[string, Uint8Array, string]>([
    [
      'a storage of another size',
      zipOf({ storage: four }, floats.subarray(4)),
      'needs 16 bytes; the file has 12 for it',
    ],
    ['a storage that is missing', torchZip(pickleOf({ storage: four })), 'needs 16 bytes; the file has none for it'],
    ['a compressed archive', torchZip(pickleOf({ storage: four }), DATA, 6), 'is compressed'],
    ['an archive of other things', torchZip(pickleOf({ storage: four }), { 'b/data.pkl': floats }), 'it has 2 pickles'],
    [
      'a TorchScript program',
      torchZip(pickleOf({ storage: four }), { 'archive/constants.pkl': floats }),
      'TorchScript',
    ],
  ])('refuses %s', (_name, file, message) => {
    expect(refusal(() => readWeights(file))).toContain(message);
  });
});

describe('the legacy form', () => {
  const good = legacyOf({ storage: four });
  const withPickle = (place: number, other: Uint8Array) => {
    const parts = [pickle(op.long(0x1950a86a20f9469cfc6cn, 10)), pickle(op.int(1001)), pickle(op.emptyDict)];
    const rest = good.subarray(parts.reduce((sum, { length }) => sum + length, 0));
    parts[place] = other;
    return Buffer.concat([...parts, rest]);
  };

  it.each<[string, Uint8Array, string]>([
    ['another magic number', withPickle(0, pickle(op.long(5n, 10))), 'its magic number is another'],
    ['a pickle that begins otherwise', withPickle(0, pickle(op.text('hello world'))), 'its magic number is another'],
    ['another version', withPickle(1, pickle(op.int(1002))), 'is of version 1002; version 1001 can be read'],
    [
      'another count',
      legacyOf({ storage: four }, 3n),
      "The storage '0' is of 4 elements, but 3 are announced before them",
    ],
    ['a negative count', legacyOf({ storage: four }, -1n), 'but -1 are announced'],
    ['a count beyond the file', legacyOf({ storage: storage('FloatStorage', '0', op.long(2n ** 50n, 7)) }), 'cut off'],
    ['a storage that is cut off', good.subarray(0, -1), "The storage '0' of 4 elements of F32 ends at byte"],
    ['no storages', torchLegacy(pickleOf({ storage: four })), "The storage '0' is not in the file"],
    [
      'a storage listed twice',
      torchLegacy(pickleOf({ storage: four }), Array(2).fill({ key: '0', count: 4n, bytes: floats })),
      'lists a storage "0" twice, or one that no tensor uses',
    ],
    [
      'a storage that no tensor uses',
      torchLegacy(pickleOf({ storage: four }), [{ key: '7', count: 4n, bytes: floats }]),
      'lists a storage "7" twice, or one',
    ],
    [
      'no list of storages',
      Buffer.concat([torchLegacy(pickleOf({ storage: four })).subarray(0, -6), pickle(op.int(3))]),
      'has no list of its storages',
    ],
  ])('refuses %s', (_name, file, message) => {
    expect(refusal(() => readWeights(file))).toContain(message);
  });
});
