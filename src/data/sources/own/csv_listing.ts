import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { UserError } from '../../../runtime/errors.ts';
import { type ListedFile, listFiles } from './file_listing.ts';
import { type ImageListing, splitOf } from './image_listing.ts';

interface Row {
  record: Record<string, string>;
  info: { lines: number };
}

/**
 * The images that a table names: a column `image` with paths, relative to the table's folder, a column `label`, and, where the images are parted
 * already, a column `split` of train, val and test. Other columns are passed over.
 * @throws UserError naming the line where a cell is missing or no split.
 */
export async function listCsv(path: string): Promise<ImageListing> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new UserError(`${path} cannot be read: ${cause.message}.`, { cause });
  });
  const rows = parseTable(path, text);
  const columns = Object.keys(rows[0]?.record ?? {});
  for (const needed of ['image', 'label']) {
    if (columns.includes(needed)) continue;
    throw new UserError(
      `${path} has no column ${needed}: its first line must name the columns image and label, and may name split.`,
    );
  }
  const files = rows.map(({ record: { image, label, split }, info: { lines } }): ListedFile => {
    const missing = image === '' ? 'image' : label === '' ? 'label' : undefined;
    if (missing) throw new UserError(`${path}, line ${lines}: there is no ${missing}.`);
    const part = split === undefined ? undefined : splitOf(split);
    if (split !== undefined && part === undefined) {
      throw new UserError(`${path}, line ${lines}: "${split}" is no split; it must be train, val or test.`);
    }
    return { path: resolve(dirname(path), image), name: image, className: label, split: part };
  });
  return listFiles(files);
}

function parseTable(path: string, text: string): Row[] {
  try {
    const rows = parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true, info: true });
    return rows as unknown as Row[];
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new UserError(`${path} is no table of comma-separated values: ${cause.message}.`, { cause });
  }
}
