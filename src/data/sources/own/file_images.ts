import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { UserError } from '../../../runtime/errors.ts';
import type { ImageBytes } from '../../image_dataset.ts';

const unused = new FinalizationRegistry<number>((file) => closeSync(file));

/** The bytes of images in a file: parts are read when they are asked for, so the set may be larger than the memory. */
export class FileImages implements ImageBytes {
  readonly length: number;
  #path: string;
  #file: number;

  /** Opens the file, until the object is no longer used. */
  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'r');
    this.length = fstatSync(this.#file).size;
    unused.register(this, this.#file);
  }

  /** See ImageBytes. @throws UserError where the file has become shorter. */
  subarray(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start);
    for (let read = 0; read < bytes.length; ) {
      const more = readSync(this.#file, bytes, read, bytes.length - read, start + read);
      if (more === 0) throw new UserError(`${this.#path} has become shorter while it was read; start again.`);
      read += more;
    }
    return bytes;
  }
}
