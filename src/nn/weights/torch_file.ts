import { bytesPerElement } from './dtypes.ts';
import { named, shown, WeightsFormatError } from './format_error.ts';
import { readPickle } from './pickle.ts';
import { TorchObjects, type TorchStorage } from './torch_objects.ts';
import { readZipEntries } from './zip_entries.ts';

/** Opens a file of PyTorch before 1.6. Source: torch/serialization.py, MAGIC_NUMBER and PROTOCOL_VERSION. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_PROTOCOL = 1001;
const PICKLE_PROTO = 0x80;

/** Whether a file begins as a pickle does. */
export function isPickle(file: Uint8Array): boolean {
  return file[0] === PICKLE_PROTO;
}

/**
 * The object in a file that torch.save wrote, PyTorch 1.6 or later: a zip archive with the pickle `data.pkl` and a file `data/KEY` for each
 * storage. Tensors are TorchTensor, dictionaries Map.
 */
export function readTorchZip(file: Uint8Array): unknown {
  const entries = readZipEntries(file);
  const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1) {
    throw new WeightsFormatError(
      `The zip archive is no PyTorch file: it has ${pickles.length} pickles FOLDER/data.pkl where one is needed.`,
    );
  }
  const folder = pickles[0].slice(0, -'data.pkl'.length);
  if (entries.has(`${folder}constants.pkl`)) {
    throw new WeightsFormatError('The file is a TorchScript program; save the state_dict() of its model instead.');
  }
  const bigEndian = isBigEndian(entries.get(`${folder}byteorder`));
  const objects = new TorchObjects(file.length);
  const { value } = readPickle(entries.get(pickles[0]) as Uint8Array, 0, objects);
  for (const storage of objects.storages.values()) {
    const { key, dtype, count } = storage;
    const bytes = entries.get(`${folder}data/${key}`);
    const needed = count * bytesPerElement(dtype);
    if (bytes?.length !== needed) {
      throw new WeightsFormatError(
        `The storage ${named(key)} of ${count} elements of ${dtype} needs ${needed} bytes; the file has ${bytes?.length ?? 'none'} for it.`,
      );
    }
    storage.bytes = bigEndian ? reversed(bytes, bytesPerElement(dtype)) : bytes;
  }
  return value;
}

/** The entry `byteorder`, written since PyTorch 2.1. */
function isBigEndian(entry: Uint8Array | undefined): boolean {
  if (entry === undefined) return false;
  const order = new TextDecoder().decode(entry.subarray(0, 100));
  if (order !== 'little' && order !== 'big') {
    throw new WeightsFormatError(`The PyTorch file's byteorder is ${shown(order)}; it must be little or big.`);
  }
  return order === 'big';
}

/** A copy with the bytes of each element the other way round. */
function reversed(bytes: Uint8Array, size: number): Uint8Array {
  const turned = new Uint8Array(bytes);
  for (let at = 0; at < turned.length; at += size) turned.subarray(at, at + size).reverse();
  return turned;
}

/**
 * The object in a file that torch.save wrote before PyTorch 1.6: five pickles (a magic number, a version, a description of the machine, the object,
 * the keys of its storages), then the storages. A storage is the number of its elements, in eight bytes, and the elements; all little-endian.
 */
export function readTorchLegacy(file: Uint8Array): unknown {
  const objects = new TorchObjects(file.length);
  let at = 0;
  const next = () => {
    const { value, end } = readPickle(file, at, objects);
    at = end;
    return value;
  };
  if (next() !== LEGACY_MAGIC) {
    throw new WeightsFormatError('The file is a pickle, but not of PyTorch: its magic number is another.');
  }
  const protocol = next();
  if (protocol !== LEGACY_PROTOCOL) {
    throw new WeightsFormatError(
      `The PyTorch file is of version ${shown(protocol)}; version ${LEGACY_PROTOCOL} can be read.`,
    );
  }
  next();
  const value = next();
  const keys = next();
  if (!Array.isArray(keys)) throw new WeightsFormatError('The PyTorch file has no list of its storages.');
  for (const key of keys) {
    const storage = objects.storages.get(key);
    if (storage === undefined || storage.bytes) {
      throw new WeightsFormatError(`The PyTorch file lists a storage ${shown(key)} twice, or one that no tensor uses.`);
    }
    at = readLegacyStorage(file, at, storage);
  }
  const absent = [...objects.storages.values()].find(({ bytes }) => bytes === undefined);
  if (absent) throw new WeightsFormatError(`The storage ${named(absent.key)} is not in the file.`);
  return value;
}

/** Gives a storage its bytes, which begin at `at` with their count. Returns where they end. */
function readLegacyStorage(file: Uint8Array, at: number, storage: TorchStorage): number {
  const { key, dtype, count } = storage;
  const begin = at + 8;
  const end = begin + count * bytesPerElement(dtype);
  if (end > file.length) {
    throw new WeightsFormatError(
      `The storage ${named(key)} of ${count} elements of ${dtype} ends at byte ${end}, but the file has only ${file.length}: it is cut off.`,
    );
  }
  const found = new DataView(file.buffer, file.byteOffset).getBigInt64(at, true);
  if (found !== BigInt(count)) {
    throw new WeightsFormatError(
      `The storage ${named(key)} is of ${count} elements, but ${found} are announced before them.`,
    );
  }
  storage.bytes = file.subarray(begin, end);
  return end;
}
