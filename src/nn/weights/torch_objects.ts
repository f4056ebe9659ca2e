import { bytesPerElement, type Dtype, toFloat32 } from './dtypes.ts';
import { named, shown, WeightsFormatError } from './format_error.ts';
import type { HostTensor } from './host_tensor.ts';
import { PickleGlobal, type PickleSurroundings, PickleTuple } from './pickle.ts';

/** Storages by the name of their class, `torch.FloatStorage` and so on. */
const STORAGE_DTYPES: readonly (readonly [string, Dtype])[] = [
  ['DoubleStorage', 'F64'],
  ['FloatStorage', 'F32'],
  ['HalfStorage', 'F16'],
  ['BFloat16Storage', 'BF16'],
  ['LongStorage', 'I64'],
  ['IntStorage', 'I32'],
  ['ShortStorage', 'I16'],
  ['CharStorage', 'I8'],
  ['ByteStorage', 'U8'],
  ['BoolStorage', 'BOOL'],
];

/** Dimensions of a tensor at most, as in PyTorch. */
const MOST_DIMENSIONS = 64;

/** A row of elements of one type that tensors look into. */
export interface TorchStorage {
  key: string;
  dtype: Dtype;
  /** Number of elements. */
  count: number;
  /** Its elements, little-endian, once they were found in the file. */
  bytes?: Uint8Array;
}

/** What a persistent id stands for: a storage, or, in files from before PyTorch 0.4, a part of one. */
class StorageView {
  readonly storage: TorchStorage;
  /** First element. */
  readonly begin: number;
  readonly count: number;

  constructor(storage: TorchStorage, begin: number, count: number) {
    this.storage = storage;
    this.begin = begin;
    this.count = count;
  }
}

/** A tensor as PyTorch saves it: element (i, j, …) is the storage's at offset + i·strides[0] + j·strides[1] + … */
export class TorchTensor {
  readonly storage: TorchStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: TorchStorage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/**
 * What a pickle of PyTorch's may reach: its storages, its functions that rebuild tensors, and ordered dictionaries; nothing else. Sizes are
 * checked as they are declared, and whether the file holds the elements when the storages are given their bytes.
 * fileBytes: length of the whole file, which bounds what is made of it.
 */
export class TorchObjects implements PickleSurroundings {
  /** All that the pickle referred to, by their keys. */
  readonly storages = new Map<string, TorchStorage>();
  readonly globals: ReadonlyMap<string, PickleGlobal>;
  readonly #dtypes = new Map<PickleGlobal, Dtype>();
  #copiesLeft: number;

  constructor(fileBytes: number) {
    this.#copiesLeft = fileBytes;
    const globals = [
      new PickleGlobal('collections.OrderedDict', (args) => this.#dictionary(args)),
      new PickleGlobal('collections.Counter', (args) => this.#dictionary(args)),
      new PickleGlobal('torch.Size', (args) => args[0]),
      new PickleGlobal('torch._utils._rebuild_parameter', (args) => args[0]),
      new PickleGlobal('torch._utils._rebuild_tensor', rebuildTensor),
      new PickleGlobal('torch._utils._rebuild_tensor_v2', rebuildTensor),
    ];
    for (const [name, dtype] of STORAGE_DTYPES) {
      const storage = new PickleGlobal(`torch.${name}`);
      this.#dtypes.set(storage, dtype);
      globals.push(storage);
    }
    this.globals = new Map(globals.map((known) => [known.name, known]));
  }

  /** ('storage', class, key, device, elements, None or (key, first, elements) of the part that is meant). */
  persistentLoad(id: unknown): StorageView {
    const [kind, type, key, , count, part = null] = id instanceof PickleTuple ? id.items : [];
    const dtype = type instanceof PickleGlobal ? this.#dtypes.get(type) : undefined;
    if (kind !== 'storage' || dtype === undefined || typeof key !== 'string') {
      throw new WeightsFormatError('The pickle refers to something that is not the storage of a tensor.');
    }
    if (!isCount(count)) {
      throw new WeightsFormatError(
        `The storage ${named(key)} is of ${shown(count)} elements; a whole number is needed.`,
      );
    }
    const known = this.storages.get(key);
    if (known && (known.count !== count || known.dtype !== dtype)) {
      throw new WeightsFormatError(`The storage ${named(key)} is described twice, in different ways.`);
    }
    const storage = known ?? { key, dtype, count };
    this.storages.set(key, storage);
    if (part === null) return new StorageView(storage, 0, count);
    const [, begin, elements] = part instanceof PickleTuple ? part.items : [];
    if (!isCount(begin) || !isCount(elements) || begin + elements > count) {
      throw new WeightsFormatError(`A part of the storage ${named(key)} reaches beyond its ${count} elements.`);
    }
    return new StorageView(storage, begin, elements);
  }

  /** OrderedDict() or Counter({…}), and, from Python 2, OrderedDict([[key, value], …]). */
  #dictionary([items = []]: readonly unknown[]): Map<unknown, unknown> {
    const pairs = items instanceof Map ? [...this.#counted(items, items.size)] : items;
    if (!Array.isArray(pairs)) throw new WeightsFormatError('The pickle makes a dictionary of something else.');
    const dictionary = new Map<unknown, unknown>();
    for (const pair of this.#counted(pairs, pairs.length)) {
      const list = pair instanceof PickleTuple ? pair.items : pair;
      if (!Array.isArray(list) || list.length !== 2) {
        throw new WeightsFormatError('The pickle makes a dictionary of something that is not pairs.');
      }
      dictionary.set(list[0], list[1]);
    }
    return dictionary;
  }

  /** Copying the same list again and again would make much of little; what was written out once was copied from as many bytes. */
  #counted<T>(items: T, count: number): T {
    this.#copiesLeft -= count;
    if (this.#copiesLeft < 0) throw new WeightsFormatError('The pickle copies its dictionaries over and over.');
    return items;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** The numbers of a tuple of sizes or strides; none where it is something else. */
function counts(value: unknown): readonly number[] | undefined {
  const items = value instanceof PickleTuple ? value.items : [null];
  return items.length <= MOST_DIMENSIONS && items.every(isCount) ? items : undefined;
}

/** torch._utils._rebuild_tensor(storage, offset, size, stride), and _v2 with arguments that say nothing about the numbers. */
function rebuildTensor([view, offset, size, stride]: readonly unknown[]): TorchTensor {
  if (!(view instanceof StorageView)) throw new WeightsFormatError('The pickle rebuilds a tensor without a storage.');
  const of = `A tensor in the storage ${named(view.storage.key)}`;
  const [shape, strides] = [counts(size), counts(stride)];
  if (!shape || !strides || shape.length !== strides.length || !isCount(offset)) {
    throw new WeightsFormatError(
      `${of} has the size ${shownTuple(size)}, the stride ${shownTuple(stride)} and the offset ${shown(offset)}; whole numbers are needed, as many strides as sizes, and of both ${MOST_DIMENSIONS} at most.`,
    );
  }
  // An empty tensor looks at nothing.
  const reach = shape.includes(0) ? 0 : shape.reduce((end, count, d) => end + (count - 1) * strides[d], offset + 1);
  if (reach > view.count) {
    throw new WeightsFormatError(
      `${of}, of shape [${shape}] and stride [${strides}] from element ${offset} on, reaches beyond its ${view.count} elements.`,
    );
  }
  return new TorchTensor(view.storage, view.begin + offset, shape, strides);
}

function shownTuple(value: unknown): string {
  return shown(value instanceof PickleTuple ? value.items : value);
}

/** Number of elements, possibly of a size that no memory has. */
export function elementCount({ shape }: TorchTensor): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

/** A tensor's elements in the order of its indices, as float32. Its storage must have its bytes. */
export function toHostTensor(tensor: TorchTensor): HostTensor<Float32Array> {
  const { dtype, bytes } = tensor.storage;
  if (bytes === undefined) throw new Error(`The storage ${named(tensor.storage.key)} was not read.`);
  return { shape: tensor.shape, data: toFloat32(dtype, gather(tensor, bytes, bytesPerElement(dtype))) };
}

/** The bytes of a tensor's elements, one after the other. */
function gather(tensor: TorchTensor, bytes: Uint8Array, size: number): Uint8Array {
  const { offset, shape, strides } = tensor;
  const count = elementCount(tensor);
  if (isContiguous(tensor)) return bytes.subarray(offset * size, (offset + count) * size);
  const gathered = new Uint8Array(count * size);
  const index = new Array<number>(shape.length).fill(0);
  let from = offset;
  for (let to = 0; to < count; to++) {
    for (let b = 0; b < size; b++) gathered[to * size + b] = bytes[from * size + b];
    for (let d = shape.length - 1; d >= 0; d--) {
      from += strides[d];
      if (++index[d] < shape[d]) break;
      from -= shape[d] * strides[d];
      index[d] = 0;
    }
  }
  return gathered;
}

/** Whether the elements lie one after the other. The stride of a dimension of one element does not matter. */
function isContiguous(tensor: TorchTensor): boolean {
  const { shape, strides } = tensor;
  if (elementCount(tensor) === 0) return true;
  let expected = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] !== 1 && strides[d] !== expected) return false;
    expected *= shape[d];
  }
  return true;
}
