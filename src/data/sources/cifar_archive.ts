import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { UserError } from '../../runtime/errors.ts';
import { type CifarForm, cifarFiles, recordBytes } from '../cifar_form.ts';

/** The names of a form's short texts: its classes, a page that points to the site. */
const TEXT = /^[\w.]+\.(txt|html)$/;
const MOST_TEXT_BYTES = 65_536;

/** An archive that is not what it must be. */
export class ArchiveDamaged extends UserError {
  /** What is wrong with it, as a clause. */
  readonly clause: string;

  constructor(archive: string, clause: string, options?: ErrorOptions) {
    super(`${archive} is damaged: ${clause}; replace or delete it.`, options);
    this.clause = clause;
  }
}

/**
 * The files of a form's archive by their names, in memory. Nothing is written: whatever else a tampered archive holds (another name, a link, a
 * path out of its folder, a file of another size) ends the reading with an error.
 *
 * archive: the .tar.gz on disk.
 * @throws ArchiveDamaged saying what was expected and what was found.
 */
export async function readCifarArchive(form: CifarForm, archive: string): Promise<Map<string, Uint8Array>> {
  const hash = createHash('md5');
  await pipeline(createReadStream(archive), hash);
  const found = hash.digest('hex');
  if (found !== form.md5) {
    throw new ArchiveDamaged(archive, `its md5 is ${found}, expected ${form.md5}`);
  }
  return unpack(form, archive);
}

async function unpack(form: CifarForm, archive: string): Promise<Map<string, Uint8Array>> {
  const sizes = new Map(cifarFiles(form).map(({ file, records }) => [file, records * recordBytes(form)]));
  const files = new Map<string, Uint8Array>();
  // A tar of before 1988 has no magic word; its header checksums are looked at all the same. The option is missing from the library's types.
  const options = { allowUnknownFormat: true };
  const tar = extract(options as Parameters<typeof extract>[0]);
  const feeding = pipeline(createReadStream(archive), createGunzip(), tar);
  // Whatever ends the feeding early reaches the loop below too; here it only must not count as unhandled.
  feeding.catch(() => {});
  try {
    for await (const entry of tar) {
      const { name, type, size = 0 } = entry.header;
      if (type === 'directory' && name.replace(/\/$/, '') === form.folder) {
        entry.resume();
        continue;
      }
      const file = memberFile(form, name);
      if (file === undefined || type !== 'file' || files.has(file)) {
        throw new ArchiveDamaged(archive, `it holds "${name}" (${type}), which the archive of ${form.title} does not`);
      }
      const expected = sizes.get(file);
      const fits = expected === undefined ? size <= MOST_TEXT_BYTES : size === expected;
      if (!fits) {
        const described = expected ?? `${MOST_TEXT_BYTES} at most`;
        throw new ArchiveDamaged(archive, `${name} has ${size} bytes, expected ${described}`);
      }
      const bytes = new Uint8Array(size);
      let filled = 0;
      for await (const chunk of entry as AsyncIterable<Uint8Array>) {
        bytes.set(chunk, filled);
        filled += chunk.length;
      }
      files.set(file, bytes);
    }
    await feeding;
  } catch (error) {
    if (error instanceof ArchiveDamaged) throw error;
    throw new ArchiveDamaged(archive, (error as Error).message, { cause: error });
  }
  const missing = [...sizes.keys()].find((file) => !files.has(file));
  if (missing) throw new ArchiveDamaged(archive, `${missing} is not in it`);
  return files;
}

/** The file that a member is, or undefined where its full name is none that a form's archive has. */
function memberFile(form: CifarForm, name: string): string | undefined {
  const folder = `${form.folder}/`;
  if (!name.startsWith(folder)) return undefined;
  const file = name.slice(folder.length);
  return TEXT.test(file) || cifarFiles(form).some((image) => image.file === file) ? file : undefined;
}
