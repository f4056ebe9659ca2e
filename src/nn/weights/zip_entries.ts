import { crc32 } from './crc32.ts';
import { named, WeightsFormatError } from './format_error.ts';

const END = 0x06054b50;
const END_BYTES = 22;
const END64_LOCATOR = 0x07064b50;
const END64_LOCATOR_BYTES = 20;
const END64 = 0x06064b50;
const END64_BYTES = 56;
const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const ZIP64_FIELD = 1;
/** Stands where the number is in the ZIP64 field. */
const FULL = 0xffffffff;
const MOST_COMMENT = 0xffff;
const ENCRYPTED = 1;
const STORED = 0;
/** PyTorch's checksum where it is told to compute none: torch.serialization.set_crc32_options(False). */
const NOT_COMPUTED = 0;

/** Whether a file begins as a zip archive does. */
export function isZip(file: Uint8Array): boolean {
  return file.length >= 4 && new DataView(file.buffer, file.byteOffset).getUint32(0, true) === LOCAL;
}

/**
 * The files in a zip archive, by name, as parts of its own bytes: PyTorch stores them uncompressed. ZIP64 is understood.
 * Throws WeightsFormatError where the archive is damaged, which its checksums tell, or compressed.
 * Source: PKWARE, .ZIP File Format Specification (APPNOTE), sections 4.3.7 to 4.3.16 and 4.5.3.
 */
export function readZipEntries(file: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const directory = findDirectory(view);
  const entries = new Map<string, Uint8Array>();
  let at = directory.begin;
  for (let i = 0; i < directory.entries; i++) {
    if (!fits(view, at, CENTRAL_BYTES) || view.getUint32(at, true) !== CENTRAL)
      throw damaged('its directory is not whole');
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const commentBytes = view.getUint16(at + 32, true);
    if (!fits(view, at + CENTRAL_BYTES, nameBytes + extraBytes + commentBytes))
      throw damaged('its directory is not whole');
    const name = new TextDecoder().decode(file.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes));
    if (entries.has(name)) throw damaged(`${named(name)} is in it twice`);
    entries.set(name, readEntry(file, view, at, name, at + CENTRAL_BYTES + nameBytes, extraBytes));
    at += CENTRAL_BYTES + nameBytes + extraBytes + commentBytes;
  }
  return entries;
}

function fits(view: DataView, at: number, bytes: number): boolean {
  return at >= 0 && at + bytes <= view.byteLength;
}

function damaged(what: string): WeightsFormatError {
  return new WeightsFormatError(`The zip archive is damaged or cut off: ${what}.`);
}

/** A number beyond 2⁵³ loses its last digits here, and is beyond every file all the same. */
function uint64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

/** Where the list of entries begins, and how many there are. */
function findDirectory(view: DataView): { begin: number; entries: number } {
  const last = view.byteLength - END_BYTES;
  let end = last;
  while (end >= 0 && end >= last - MOST_COMMENT && view.getUint32(end, true) !== END) end--;
  if (end < 0 || end < last - MOST_COMMENT) throw damaged('its end was not found');
  const found = { begin: view.getUint32(end + 16, true), entries: view.getUint16(end + 10, true) };
  const locator = end - END64_LOCATOR_BYTES;
  if (locator < 0 || view.getUint32(locator, true) !== END64_LOCATOR) return found;
  const end64 = uint64(view, locator + 8);
  if (!fits(view, end64, END64_BYTES) || view.getUint32(end64, true) !== END64)
    throw damaged('its ZIP64 end was not found');
  return { begin: uint64(view, end64 + 48), entries: uint64(view, end64 + 32) };
}

/** The bytes of the entry that the directory describes at byte `at`. */
function readEntry(
  file: Uint8Array,
  view: DataView,
  at: number,
  name: string,
  extra: number,
  extraBytes: number,
): Uint8Array {
  if (view.getUint16(at + 8, true) & ENCRYPTED) {
    throw new WeightsFormatError(`The zip archive's ${named(name)} is encrypted, which PyTorch's files never are.`);
  }
  if (view.getUint16(at + 10, true) !== STORED) {
    throw new WeightsFormatError(
      `The zip archive's ${named(name)} is compressed, which PyTorch's files never are; give the file as torch.save wrote it.`,
    );
  }
  const { size, local } = sizeAndPlace(view, at, extra, extraBytes, name);
  if (!fits(view, local, LOCAL_BYTES) || view.getUint32(local, true) !== LOCAL) {
    throw damaged(`${named(name)} is not where its directory says`);
  }
  const begin = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (!fits(view, begin, size)) throw damaged(`${named(name)} ends beyond it`);
  const bytes = file.subarray(begin, begin + size);
  const sum = view.getUint32(at + 16, true);
  if (sum !== NOT_COMPUTED && sum !== crc32(bytes)) throw damaged(`${named(name)} is not what its checksum is of`);
  return bytes;
}

/** The 32-bit numbers, or, where one of them is full, the next of the ZIP64 field, which holds those that were, in this order. */
function sizeAndPlace(
  view: DataView,
  at: number,
  extra: number,
  extraBytes: number,
  name: string,
): { size: number; local: number } {
  const [size, compressed, local] = [24, 20, 42].map((offset) => view.getUint32(at + offset, true));
  const full: number[] = [];
  for (let field = extra; field + 4 <= extra + extraBytes; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== ZIP64_FIELD) continue;
    const bytes = Math.min(view.getUint16(field + 2, true), extra + extraBytes - field - 4);
    for (let b = 0; b + 8 <= bytes; b += 8) full.push(uint64(view, field + 4 + b));
  }
  const [realSize, realCompressed, realLocal] = [size, compressed, local].map((number) => {
    const real = number === FULL ? full.shift() : number;
    if (real === undefined) throw damaged(`${named(name)} has no ZIP64 field`);
    return real;
  });
  if (realSize !== realCompressed) throw damaged(`${named(name)} is stored in another size than its own`);
  return { size: realSize, local: realLocal };
}
