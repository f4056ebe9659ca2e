import { WeightsFormatError } from './format_error.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes of a pickle, read one value after the other. Throws WeightsFormatError where they end too soon. */
export class PickleBytes {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  /** start: where the pickle begins. */
  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
  }

  /** Where the next value begins. */
  get at(): number {
    return this.#at;
  }

  uint8(): number {
    return this.#bytes[this.#skip(1)];
  }

  uint16(): number {
    return this.#view.getUint16(this.#skip(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#skip(4), true);
  }

  /** Big-endian, unlike all else. */
  float64(): number {
    return this.#view.getFloat64(this.#skip(8), false);
  }

  /** Little-endian two's complement; a bigint beyond 2⁵³. */
  long(count: number): number | bigint {
    let value = 0n;
    for (const byte of this.take(count).toReversed()) value = (value << 8n) | BigInt(byte);
    value = BigInt.asIntN(8 * count, value);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  take(count: number): Uint8Array {
    const at = this.#skip(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** UTF-8 of so many bytes. */
  text(count: number): string {
    return decode(this.take(count));
  }

  /** A text up to the next line feed. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new WeightsFormatError(`The pickle is cut off: the name at byte ${this.#at} has no end.`);
    const text = decode(this.#bytes.subarray(this.#at, end));
    this.#at = end + 1;
    return text;
  }

  /** Moves on by so many bytes; returns where they begin. */
  #skip(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) {
      throw new WeightsFormatError(`The pickle is cut off: ${count} more bytes are needed at byte ${at}.`);
    }
    this.#at += count;
    return at;
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new WeightsFormatError('The pickle is damaged: it holds a text that is not UTF-8.', { cause });
  }
}
