import { sizeOf } from '../../autograd/tensor.ts';
import { bytesPerElement, DTYPES, type Dtype, isDtype, toFloat32 } from './dtypes.ts';
import { findDuplicateKey } from './duplicate_key.ts';
import { named, shown, WeightsFormatError } from './format_error.ts';
import type { HostTensor } from './host_tensor.ts';
import { checkSeal, isSealed, SEAL, seal, UNSEALED } from './seal.ts';

/** What a safetensors file holds. */
export interface SafetensorsContent {
  tensors: Map<string, HostTensor>;
  /** Texts by name. */
  metadata: Record<string, string>;
  /** Whether the file held a checksum over all of its bytes, which then was right. */
  sealed: boolean;
}

/** Bytes of the header at most, as in the reference implementation. */
const MOST_HEADER_BYTES = 100_000_000;
const BYTES_WRITTEN_PER_ELEMENT = 4;
const METADATA = '__metadata__';
const OPENING_BRACE = 0x7b;

interface Entry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

/**
 * Tensors and texts in the safetensors format: eight bytes with the header's length, the header as JSON, the numbers in little-endian order,
 * one tensor after the other in the order given, without gaps. The same content gives the same bytes. sealed: with a checksum over all bytes, the
 * metadata's first entry, that `readSafetensors` verifies and other readers pass over.
 * Source: https://huggingface.co/docs/safetensors
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
  { sealed = false } = {},
): Uint8Array {
  const header: [string, unknown][] = [];
  if (sealed) header.push([METADATA, { [SEAL]: UNSEALED, ...metadata }]);
  else if (Object.keys(metadata).length > 0) header.push([METADATA, metadata]);
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === METADATA) throw new WeightsFormatError(`A tensor may not be named '${METADATA}'.`);
    if (sizeOf(shape) !== data.length) {
      throw new WeightsFormatError(
        `${named(name)}: shape [${shape}] has ${sizeOf(shape)} elements, the data ${data.length}.`,
      );
    }
    const begin = end;
    end += data.length * BYTES_WRITTEN_PER_ELEMENT;
    header.push([name, { dtype: data instanceof Float32Array ? 'F32' : 'U32', shape, data_offsets: [begin, end] }]);
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Padded with spaces, so that the numbers begin at a multiple of eight.
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(text, 8);
  let at = 8 + headerBytes;
  for (const { data } of tensors.values()) {
    // The host's order of bytes is the file's: WebGPU has no other.
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  if (sealed) seal(file);
  return file;
}

/** Whether a file begins as safetensors does: the header's length, then the header. */
export function isSafetensors(file: Uint8Array): boolean {
  return file[8] === OPENING_BRACE;
}

/**
 * Reads a safetensors file. U32 tensors stay what they are; all others become float32: see toFloat32. Nothing in the file is trusted: lengths,
 * names, dtypes, shapes, offsets and the checksum, where there is one, are checked before a number is read. Throws WeightsFormatError, one sentence
 * that says what was found and expected.
 */
export function readSafetensors(file: Uint8Array): SafetensorsContent {
  if (file.length < 8) {
    throw new WeightsFormatError(
      `A safetensors file begins with eight bytes for its header's length; this one has ${file.length} bytes in all.`,
    );
  }
  const declared = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(MOST_HEADER_BYTES)) {
    throw new WeightsFormatError(
      `The safetensors header claims ${declared} bytes, more than the ${MOST_HEADER_BYTES} allowed: the file is damaged or in another format.`,
    );
  }
  const headerBytes = Number(declared);
  if (headerBytes > file.length - 8) {
    throw new WeightsFormatError(
      `The safetensors header claims ${headerBytes} bytes, but only ${file.length - 8} follow: the file is cut off or in another format.`,
    );
  }
  checkSeal(file);
  const { entries, metadata } = parseHeader(file.subarray(8, 8 + headerBytes));
  const data = 8 + headerBytes;
  checkOffsets(entries, file.length - data);

  const tensors = new Map<string, HostTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const bytes = file.subarray(data + begin, data + end);
    // A copy begins where its own memory does, as arrays of numbers must.
    const values = dtype === 'U32' ? new Uint32Array(new Uint8Array(bytes).buffer) : toFloat32(dtype, bytes);
    tensors.set(name, { shape, data: values });
  }
  const sealed = isSealed(file);
  if (sealed) delete metadata[SEAL];
  return { tensors, metadata, sealed };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseHeader(bytes: Uint8Array): { entries: Entry[]; metadata: Record<string, string> } {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw new WeightsFormatError('The safetensors header is not JSON: the file is damaged or in another format.', {
      cause,
    });
  }
  if (!isRecord(header))
    throw new WeightsFormatError(
      'The safetensors header is not a JSON object: the file is damaged or in another format.',
    );
  const twice = findDuplicateKey(text);
  if (twice !== undefined) throw new WeightsFormatError(`The safetensors header holds ${named(twice)} twice.`);
  const metadata: [string, string][] = [];
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) {
      if (!isRecord(value))
        throw new WeightsFormatError(`The safetensors header's ${METADATA} is not an object of texts.`);
      for (const [key, text] of Object.entries(value)) {
        if (typeof text !== 'string')
          throw new WeightsFormatError(
            `The safetensors header's ${METADATA} holds ${named(key)}, which is not a text.`,
          );
        metadata.push([key, text]);
      }
    } else {
      entries.push(parseEntry(name, value));
    }
  }
  return { entries, metadata: Object.fromEntries(metadata) };
}

function parseEntry(name: string, value: unknown): Entry {
  const what = named(name);
  if (!isRecord(value))
    throw new WeightsFormatError(`The safetensors header describes ${what} by something that is not an object.`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) {
    throw new WeightsFormatError(`${what} is of dtype ${shown(dtype)}; these can be read: ${DTYPES}.`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount) || !Number.isSafeInteger(sizeOf(shape))) {
    throw new WeightsFormatError(`${what} has the shape ${shown(shape)}; a list of whole numbers is needed.`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1]) {
    throw new WeightsFormatError(
      `${what} has the data_offsets ${shown(offsets)}; two whole numbers, begin and end, are needed.`,
    );
  }
  const [begin, end] = offsets as [number, number];
  const bytes = sizeOf(shape) * bytesPerElement(dtype);
  if (end - begin !== bytes) {
    throw new WeightsFormatError(
      `${what} of shape ${shown(shape)} and dtype ${dtype} needs ${bytes} bytes, but its data_offsets span ${end - begin}.`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** Tensors must follow one another from the first byte to the last. */
function checkOffsets(entries: readonly Entry[], dataBytes: number): void {
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.end > dataBytes) {
      throw new WeightsFormatError(
        `${named(entry.name)} ends at byte ${entry.end} of the data, but only ${dataBytes} are there: the file is cut off.`,
      );
    }
    if (entry.begin < end)
      throw new WeightsFormatError(
        `${named(entry.name)} begins at byte ${entry.begin} of the data, inside the tensor before it, which ends at ${end}.`,
      );
    if (entry.begin > end)
      throw new WeightsFormatError(
        `The bytes from ${end} to ${entry.begin} before ${named(entry.name)} belong to no tensor.`,
      );
    end = entry.end;
  }
  if (end !== dataBytes)
    throw new WeightsFormatError(`The tensors end at byte ${end} of the data, but ${dataBytes} are there.`);
}
