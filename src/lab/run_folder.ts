import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeFileAtomically } from './atomic_file.ts';
import { type Figure, writeFigure } from './plots/index.ts';
import { UserError } from './user_error.ts';

/** A moment as the first part of a folder's name, to the second, local time: 2026-01-31T09-05-00. */
function stamp(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date}T${two(time.getHours())}-${two(time.getMinutes())}-${two(time.getSeconds())}`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The folder that holds all of one run. Every file in it appears whole or not at all. */
export class RunFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes `<parent>/<time>-<name>`, numbered where that is taken. Throws UserError where the parent may not be written. */
  static async create(parent: string, name: string): Promise<RunFolder> {
    const base = join(parent, `${stamp(new Date())}-${name}`);
    let path = base;
    for (let n = 2; await exists(path); n++) path = `${base}-${n}`;
    await makeFolder(join(path, 'figures'));
    await makeFolder(join(path, 'checkpoints'));
    return new RunFolder(path);
  }

  /** A folder that an earlier run left. Throws UserError where there is no run in it. */
  static async open(path: string): Promise<RunFolder> {
    if (!(await exists(join(path, 'results.json')))) {
      throw new UserError(`There is no run to resume in ${path}: it holds no results.json; name a folder under runs/.`);
    }
    return new RunFolder(path);
  }

  file(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  /** Whether a file is there. */
  has(...parts: string[]): Promise<boolean> {
    return exists(this.file(...parts));
  }

  async writeJson(name: string, value: unknown): Promise<void> {
    await writeFileAtomically(this.file(name), `${JSON.stringify(value, null, 2)}\n`);
  }

  /** Parses a JSON file of the run. Throws UserError where it is damaged. */
  async readJson(name: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(this.file(name), 'utf8'));
    } catch (cause) {
      throw new UserError(`${this.file(name)} is damaged and cannot be read; start a new run.`, { cause });
    }
  }

  /** Rows as CSV; the keys of the first are the header. Values are numbers or plain words, so nothing needs quotes. */
  async writeCsv(name: string, rows: readonly Record<string, number | string>[]): Promise<void> {
    const header = Object.keys(rows[0] ?? {});
    const lines = [header.join(','), ...rows.map((row) => header.map((key) => row[key]).join(','))];
    await writeFileAtomically(this.file(name), `${lines.join('\n')}\n`);
  }

  async writeFigure(figure: Figure): Promise<void> {
    await writeFigure(this.file('figures'), figure);
  }
}
