import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, makeNewFolder, removePartialFiles, writeFileAtomically } from '../../node/atomic_file.ts';
import { FolderLock } from '../../node/folder_lock.ts';
import { UserError } from '../../runtime/errors.ts';
import type { Figure } from '../plots/index.ts';

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
  #lock: FolderLock | undefined;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes `<parent>/<time>-<name>`, numbered where that is taken, and locks it. Throws UserError where the parent may not be written. */
  static async create(parent: string, name: string): Promise<RunFolder> {
    const base = join(parent, `${stamp(new Date())}-${name}`);
    let path = base;
    await makeFolder(parent);
    // Made, not looked for: another process may start in the same second.
    for (let n = 2; !(await makeNewFolder(path)); n++) path = `${base}-${n}`;
    const folder = await RunFolder.at(path);
    await folder.lock();
    return folder;
  }

  /** This folder, made if it is not there: one that several processes may fill. Throws UserError where it may not be written. */
  static async at(path: string): Promise<RunFolder> {
    for (const part of ['.', 'figures', 'checkpoints']) await makeFolder(join(path, part));
    return new RunFolder(path);
  }

  /** A folder to read from alone, which another process may be writing to. Throws UserError where there is no run in it. */
  static async view(path: string): Promise<RunFolder> {
    if (!(await RunFolder.holdsRun(path))) {
      throw new UserError(`There is no run to resume in ${path}: it holds no results.json; name a folder under runs/.`);
    }
    return new RunFolder(path);
  }

  /** Whether there is a run in a folder. */
  static holdsRun(path: string): Promise<boolean> {
    return exists(join(path, 'results.json'));
  }

  /**
   * A folder that an earlier run left, locked and cleared of half-written files. Throws UserError where there is no run in it, and FolderInUse where
   * another process works in it.
   */
  static async open(path: string): Promise<RunFolder> {
    await RunFolder.view(path);
    return RunFolder.into(path);
  }

  /**
   * This folder, made if it is not there, locked and cleared of half-written files: a run begins there, or goes on. Throws UserError where it may not
   * be written, and FolderInUse where another process works in it.
   */
  static async into(path: string): Promise<RunFolder> {
    const folder = await RunFolder.at(path);
    await folder.lock();
    await removePartialFiles(path);
    return folder;
  }

  /** Keeps all other processes from working in it. Throws FolderInUse where one does. */
  async lock(): Promise<void> {
    this.#lock ??= await FolderLock.take(this.path);
  }

  /** Throws FolderInUse where it was locked and another process has taken it over. */
  async checkLock(): Promise<void> {
    await this.#lock?.check();
  }

  /** Lets other processes work in it. */
  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  file(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  /** Whether a file is there. */
  has(...parts: string[]): Promise<boolean> {
    return exists(this.file(...parts));
  }

  async writeJson(name: string, value: unknown): Promise<void> {
    await this.checkLock();
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

  /** Rows as CSV under a header of these keys. Values are numbers or plain words, so nothing needs quotes. */
  async writeCsv<K extends string>(
    name: string,
    keys: readonly K[],
    rows: readonly Readonly<Record<K, number | string>>[],
  ): Promise<void> {
    const lines = [keys, ...rows.map((row) => keys.map((key) => row[key]))].map((cells) => cells.join(','));
    await writeFileAtomically(this.file(name), `${lines.join('\n')}\n`);
  }

  /** Writes figures/<name>.svg and .png. */
  async writeFigure({ name, svg, png }: Figure): Promise<void> {
    await writeFileAtomically(this.file('figures', `${name}.svg`), svg);
    await writeFileAtomically(this.file('figures', `${name}.png`), png);
  }
}
