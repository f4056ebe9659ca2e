import { zipSync } from 'fflate';

/** Opcodes and their arguments, for pickles that no Python would write. */
export const op = {
  proto: [0x80, 2],
  stop: [0x2e],
  mark: [0x28],
  none: [0x4e],
  true: [0x88],
  emptyTuple: [0x29],
  tuple: [0x74],
  tuple1: [0x85],
  tuple2: [0x86],
  emptyList: [0x5d],
  append: [0x61],
  appends: [0x65],
  emptyDict: [0x7d],
  setItem: [0x73],
  setItems: [0x75],
  reduce: [0x52],
  build: [0x62],
  persistentId: [0x51],
  stackGlobal: [0x93],
  newObject: [0x81],
  extension: [0x82, 1],
  put: (index: number) => [0x71, index],
  get: (index: number) => [0x68, index],
  int: (value: number) => [0x4a, ...little(value, 4)],
  long: (value: bigint, bytes: number) => [
    0x8a,
    bytes,
    ...Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn)),
  ],
  text: (text: string) => [0x58, ...little(Buffer.byteLength(text), 4), ...Buffer.from(text)],
  global: (module: string, name: string) => [0x63, ...Buffer.from(`${module}\n${name}\n`)],
  instance: (module: string, name: string) => [0x69, ...Buffer.from(`${module}\n${name}\n`)],
};

function little(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => (value >> (8 * i)) & 0xff);
}

/** A pickle of these opcodes, STOP at the end. */
export function pickle(...parts: readonly number[][]): Uint8Array {
  return Uint8Array.from([...op.proto, ...parts.flat(), ...op.stop]);
}

const tupleOf = (items: readonly number[][]) => [...op.mark, ...items.flat(), ...op.tuple];

/** A persistent id for a storage, and what it stands for. */
export function storage(type: string, key: string, count: number[], ...more: number[][]): number[] {
  const fields = [op.text('storage'), op.global('torch', type), op.text(key), op.text('cpu'), count, ...more];
  return [...tupleOf(fields), ...op.persistentId];
}

export interface TensorParts {
  storage: number[];
  offset?: number[];
  shape?: readonly number[][];
  stride?: readonly number[][];
}

/** A call that rebuilds a tensor; by default of shape [2] with stride [1] at offset 0. */
export function rebuilt({
  storage: of,
  offset = op.int(0),
  shape = [op.int(2)],
  stride = [op.int(1)],
}: TensorParts): number[] {
  const args = [of, offset, tupleOf(shape), tupleOf(stride), op.true, [...op.emptyDict]];
  return [...op.global('torch._utils', '_rebuild_tensor_v2'), ...tupleOf(args), ...op.reduce];
}

/** A pickle of a state dict with one tensor, `weight`. */
export function pickleOf(tensor: TensorParts): Uint8Array {
  return pickle(op.emptyDict, op.text('weight'), rebuilt(tensor), op.setItem);
}

/** A file in the zip form: data.pkl and what else the archive is to hold. */
export function torchZip(data: Uint8Array, others: Record<string, Uint8Array> = {}, level: 0 | 6 = 0): Uint8Array {
  const entries = { 'archive/data.pkl': data, ...others };
  return zipSync(entries, { level, mtime: new Date(2000, 1, 1) });
}

/** A file in the legacy form: the object's pickle, the keys, and the storages' bytes with their counts of elements. */
export function torchLegacy(
  data: Uint8Array,
  storages: readonly { key: string; count: bigint; bytes: Uint8Array }[] = [],
): Uint8Array {
  const keys = pickle(op.emptyList, op.mark, ...storages.map(({ key }) => op.text(key)), op.appends);
  return Buffer.concat([
    pickle(op.long(0x1950a86a20f9469cfc6cn, 10)),
    pickle(op.int(1001)),
    pickle(op.emptyDict),
    data,
    keys,
    ...storages.flatMap(({ count, bytes }) => [new Uint8Array(BigInt64Array.of(count).buffer), bytes]),
  ]);
}
