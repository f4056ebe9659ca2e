import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync, unlinkSync } from 'node:fs';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { UserError } from '../runtime/errors.ts';
import { explain } from './atomic_file.ts';

/** Another process works in a folder. */
export class FolderInUse extends UserError {
  override readonly name = 'FolderInUse';
}

/** How often a holder shows that it lives, and how long after the last sign it counts as dead, in milliseconds. */
export interface LockTiming {
  beat: number;
  stale: number;
}

const TIMING: LockTiming = { beat: 10_000, stale: 120_000 };
const LOCK = 'lock.json';

/** Who works in a folder, as far as that can be seen. */
export interface FolderUse {
  host: string;
  pid: number;
  /** Seconds since it last showed that it lives. */
  quietFor: number;
  /** Whether it still works there: of a holder elsewhere, whether its last sign of life is young enough. */
  alive: boolean;
}

/** Who holds the lock of a folder; undefined where nobody does. Waits for nothing. */
export async function folderUse(folder: string, { stale }: LockTiming = TIMING): Promise<FolderUse | undefined> {
  const path = join(folder, LOCK);
  const holder = await readHolder(path);
  if (holder === undefined) return undefined;
  // Where nothing may be written, this machine's clock has to do.
  const now = await fileServerTime(path).catch(() => Date.now());
  const quiet = Math.max(0, now - (await lastSign(path)));
  const { host, pid } = holder;
  return { host, pid, quietFor: quiet / 1000, alive: !(isGoneHere(holder) ?? quiet > stale) };
}

/** Who holds a lock. */
interface Holder {
  /** Of this holding. */
  token: string;
  /** Of the machine as it runs now: a process id means something there alone. */
  machine: string;
  host: string;
  pid: number;
  /** When that process began, in the system's ticks; '' where the system does not tell. */
  started: string;
}

/** The machine, its boot, and the part of it in which process ids are counted: containers have their own. */
function thisMachine(): string {
  const attempt = (read: () => string) => {
    try {
      return read().trim();
    } catch {
      return '';
    }
  };
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  return [hostname(), boot, attempt(() => readlinkSync('/proc/self/ns/pid'))].join(' ');
}

/** When a process began, 'dead' where there is none, '' where the system does not tell. */
function startOf(pid: number): string {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  try {
    // The name, in brackets, may hold anything; the state and the rest follow it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? 'dead' : (fields[19] ?? '');
  } catch {
    return '';
  }
}

/**
 * Holds a folder for this process alone, until it is released or the process ends, whichever way. The lock is a file that says who holds it. On the
 * same machine a holder that is no more is known by its process id and the time that process began, so a killed process leaves nothing behind. Of a
 * holder elsewhere, as on a file system that several machines share, only its sign of life is seen, a new time on the file every ten seconds: without
 * one for two minutes the holder counts as dead. All times are the file server's, so the machines' clocks need not agree.
 */
export class FolderLock {
  readonly #path: string;
  readonly #token: string;
  readonly #text: string;
  #timer: NodeJS.Timeout;
  readonly #onExit = () => this.#removeOwn();

  private constructor(path: string, own: Holder, beat: number) {
    this.#path = path;
    this.#token = own.token;
    this.#text = JSON.stringify(own);
    this.#timer = setInterval(() => void this.#showLife(), beat).unref();
    process.on('exit', this.#onExit);
  }

  /**
   * Takes the lock of a folder. Where a holder elsewhere shows no life, waits until it does or counts as dead.
   * Throws FolderInUse where another process holds it, and UserError where the folder may not be written.
   */
  static async take(folder: string, { beat, stale }: LockTiming = TIMING): Promise<FolderLock> {
    const path = join(folder, LOCK);
    const own: Holder = {
      ...{
        token: randomUUID(),
        machine: thisMachine(),
        host: hostname(),
        pid: process.pid,
        started: startOf(process.pid),
      },
    };
    for (;;) {
      if (await writeNew(path, own)) return new FolderLock(path, own, beat);
      const holder = await readHolder(path);
      if (holder === undefined) continue;
      if (!(await isGone(path, holder, { beat, stale }))) {
        throw new FolderInUse(
          `${folder} is in use by process ${holder.pid} on ${holder.host}; wait until that ends, or stop it, and try again.`,
        );
      }
      await removeStale(path, holder);
    }
  }

  /** Lets other processes have the folder. */
  release(): void {
    clearInterval(this.#timer);
    process.off('exit', this.#onExit);
    this.#removeOwn();
  }

  /** Throws FolderInUse where another process took the folder over, as after this one was halted for minutes. */
  async check(): Promise<void> {
    const holder = await readHolder(this.#path);
    if (holder?.token === this.#token) return;
    clearInterval(this.#timer);
    throw new FolderInUse(
      `${this.#path} is no longer this process's: another one took the folder over while this one gave no sign of life; it goes on there.`,
    );
  }

  async #showLife(): Promise<void> {
    // Written, not stamped: the file server's clock then gives the time.
    // A sign that cannot be given now may be given at the next turn.
    const holder = await readHolder(this.#path).catch(() => undefined);
    if (holder?.token === this.#token) await writeFile(this.#path, this.#text, { flag: 'r+' }).catch(() => {});
  }

  #removeOwn(): void {
    try {
      const holder = JSON.parse(readFileSync(this.#path, 'utf8')) as Holder;
      if (holder.token === this.#token) unlinkSync(this.#path);
    } catch {
      // It is gone already.
    }
  }
}

/** Makes a lock that appears whole or not at all. False where there is one. */
async function writeNew(path: string, own: Holder): Promise<boolean> {
  const temporary = partialOf(path, own);
  try {
    await writeFile(temporary, JSON.stringify(own));
    try {
      await link(temporary, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return false;
      // A file system without links.
      await writeFile(path, JSON.stringify(own), { flag: 'wx' });
    }
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw explain(path, cause);
  } finally {
    await rm(temporary, { force: true });
  }
}

function partialOf(path: string, { token }: Holder): string {
  return `${path}.${token}.partial`;
}

/** Who holds a lock; undefined where nobody does. Throws UserError where that cannot be read, as of a file of another user's. */
async function readHolder(path: string): Promise<Holder | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new UserError(`${path} cannot be read (${code}), so nobody knows whether another process works there.`, {
      cause,
    });
  }
  try {
    return JSON.parse(text) as Holder;
  } catch {
    // Being written, or damaged: only its sign of life counts.
    return { token: text, machine: '', host: 'an unknown machine', pid: 0, started: '' };
  }
}

/** Whether a holder on this machine is no more; undefined of one elsewhere, and where the system does not tell. */
function isGoneHere({ machine, pid, started }: Holder): boolean | undefined {
  if (machine !== thisMachine()) return undefined;
  const now = startOf(pid);
  if (now === 'dead') return true;
  return now === '' ? undefined : now !== started;
}

/** Whether the holder of a lock is no more. */
async function isGone(path: string, holder: Holder, { beat, stale }: LockTiming): Promise<boolean> {
  const here = isGoneHere(holder);
  if (here !== undefined) return here;
  const first = await lastSign(path);
  for (;;) {
    if ((await readHolder(path))?.token !== holder.token) return true;
    const last = await lastSign(path);
    if (last !== first) return false;
    if ((await fileServerTime(path)) - last > stale) return true;
    await pause(beat / 2);
  }
}

async function lastSign(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

/** What the clock of the folder's file system says now. */
async function fileServerTime(path: string): Promise<number> {
  const probe = `${path}.${randomUUID()}.partial`;
  try {
    await writeFile(probe, '');
    // Whoever clears the folder of half-written files may have taken it: then nothing is known now.
    return (await stat(probe).catch(() => undefined))?.mtimeMs ?? 0;
  } finally {
    await rm(probe, { force: true });
  }
}

/** Removes the lock of a holder that is no more, and no other: several processes may find it at once. */
async function removeStale(path: string, holder: Holder): Promise<void> {
  const aside = `${path}.${randomUUID()}.partial`;
  try {
    await rename(path, aside);
    if ((await readHolder(aside))?.token !== holder.token) await link(aside, path);
  } catch {
    // Another process was faster.
  } finally {
    await rm(aside, { force: true });
  }
}
