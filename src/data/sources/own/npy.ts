/** What stands before the elements of an array in NumPy's format. Source: NumPy, "NEP 1 — A simple file format for NumPy arrays". */
export interface NpyHeader {
  /** The elements' type: '|u1', '<i8', … */
  type: string;
  shape: number[];
  /** Bytes before the first element. */
  bytes: number;
}

/** Most bytes that a header takes: those of the sets in use have 128. */
const MOST_BYTES = 2 ** 16;

/**
 * The header at the beginning of an array's bytes; undefined where more of them are needed.
 * @throws Error, its message a clause, for what is no such array, or lies with its first index fastest.
 */
export function npyHeader(bytes: Buffer): NpyHeader | undefined {
  if (bytes.length < 12) return undefined;
  if (bytes.toString('latin1', 0, 6) !== '\x93NUMPY') throw new Error('it is no array in NumPy’s format');
  const [start, length] = bytes[6] === 1 ? [10, bytes.readUInt16LE(8)] : [12, bytes.readUInt32LE(8)];
  if (length > MOST_BYTES) throw new Error(`its header is damaged: a length of ${length} bytes`);
  if (bytes.length < start + length) return undefined;
  const text = bytes.toString('latin1', start, start + length);
  const type = /'descr':\s*'([\w|<>=]+)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (type === undefined || order === undefined || shape === undefined) throw new Error('its header is damaged');
  const sizes = shape.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  if (order === 'True' && sizes.length > 1) {
    throw new Error('it is in Fortran order; save it with numpy.ascontiguousarray');
  }
  return { type, shape: sizes, bytes: start + length };
}

/** How an element of each type is read. */
const READERS: Readonly<Record<string, [bytes: number, read: (from: Buffer, at: number) => number]>> = {
  '|u1': [1, (from, at) => from.readUInt8(at)],
  '|i1': [1, (from, at) => from.readInt8(at)],
  '<u2': [2, (from, at) => from.readUInt16LE(at)],
  '<i2': [2, (from, at) => from.readInt16LE(at)],
  '<u4': [4, (from, at) => from.readUInt32LE(at)],
  '<i4': [4, (from, at) => from.readInt32LE(at)],
  '<u8': [8, (from, at) => Number(from.readBigUInt64LE(at))],
  '<i8': [8, (from, at) => Number(from.readBigInt64LE(at))],
};

/** The whole numbers of an array, as its bytes after the header. @throws Error, its message a clause, for another type or too few bytes. */
export function npyNumbers({ type, shape }: NpyHeader, elements: Buffer): number[] {
  if (!Object.hasOwn(READERS, type)) throw new Error(`its elements are ${type}, not whole numbers`);
  const [bytes, read] = READERS[type];
  const count = shape.reduce((product, size) => product * size, 1);
  if (elements.length !== count * bytes) {
    throw new Error(`it is damaged: ${elements.length} bytes of elements, expected ${count * bytes}`);
  }
  return Array.from({ length: count }, (_, i) => read(elements, i * bytes));
}
