import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UserError } from '../../runtime/errors.ts';

const UNSIGNED_BYTE = 0x08;

/**
 * Reads an IDX file of unsigned bytes, gzipped where its name ends in .gz, and checks it against the shape it must have.
 * The form: two zero bytes, the element type, the number of dimensions, each dimension as a big-endian u32, then the elements, last
 * dimension fastest. Source: the page of the MNIST database, "The IDX file format".
 *
 * Returns the elements.
 * @throws UserError naming the file, what was expected and what was found.
 */
export async function readIdx(path: string, shape: readonly number[]): Promise<Uint8Array> {
  const headerBytes = 4 + 4 * shape.length;
  const expectedBytes = headerBytes + shape.reduce((product, size) => product * size, 1);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new UserError(`${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
  if (path.endsWith('.gz')) {
    try {
      // One byte beyond the expected length is enough to notice a file that is too long, however long it would grow.
      bytes = await promisify(gunzip)(bytes, { maxOutputLength: expectedBytes + 1 });
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const found = code === 'ERR_BUFFER_TOO_LARGE' ? `more than ${expectedBytes} bytes unpacked` : message;
      throw new UserError(`${path} is damaged: ${found}, expected ${expectedBytes} bytes unpacked; replace the file.`, {
        cause,
      });
    }
  }
  const magic = ((UNSIGNED_BYTE << 8) | shape.length) >>> 0;
  const foundMagic = bytes.length >= 4 ? bytes.readUInt32BE(0) : undefined;
  if (foundMagic !== magic) {
    throw new UserError(
      `${path} is not the IDX file expected: it starts with ${hex(foundMagic)}, expected ${hex(magic)}.`,
    );
  }
  const sizes = shape.map((_, axis) => (bytes.length >= headerBytes ? bytes.readUInt32BE(4 + 4 * axis) : Number.NaN));
  if (sizes.some((size, axis) => size !== shape[axis])) {
    throw new UserError(`${path} holds ${sizes.join(' × ')} bytes by its header, expected ${shape.join(' × ')}.`);
  }
  if (bytes.length !== expectedBytes) {
    throw new UserError(
      `${path} is damaged: ${bytes.length} bytes found, expected ${expectedBytes}; replace the file.`,
    );
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset + headerBytes, expectedBytes - headerBytes);
}

function hex(magic: number | undefined): string {
  return magic === undefined ? 'fewer than four bytes' : `0x${magic.toString(16).padStart(8, '0')}`;
}
