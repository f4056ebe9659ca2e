import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder, writeFileAtomically } from '../../node/atomic_file.ts';
import { cacheFolder, type Environment } from '../../node/host_environment.ts';
import type { AdapterDescription } from '../../runtime/adapter.ts';

/** An adapter with its driver, as both name themselves. */
export type NamedAdapter = Pick<AdapterDescription, 'vendor' | 'architecture' | 'description'> & { device?: string };

const keyOf = ({ vendor, architecture, description, device }: NamedAdapter) =>
  `${vendor} | ${architecture} | ${description || device}`;

/** What was found out about each adapter with its driver, in a file of the cache folder. */
export class AdapterCache<T> {
  readonly #file: string;
  readonly #version: number;
  readonly #schema: z.ZodType<{ version: number; adapters: Record<string, T> }>;

  /** file: its name. version: raised when what was found before no longer holds. */
  constructor(file: string, version: number, found: z.ZodType<T>) {
    this.#file = file;
    this.#version = version;
    this.#schema = z.object({ version: z.literal(version), adapters: z.record(z.string(), found) });
  }

  #path(environment: Environment): string {
    return join(cacheFolder(environment), this.#file);
  }

  /** All that is known; a file that is missing, damaged or of another version counts as empty, as it can be found out again. */
  async #readAll(environment: Environment): Promise<Record<string, T>> {
    try {
      const parsed = this.#schema.safeParse(JSON.parse(await readFile(this.#path(environment), 'utf8')));
      return parsed.success ? parsed.data.adapters : {};
    } catch {
      return {};
    }
  }

  /** What is known of an adapter; undefined where nothing is. */
  async read(adapter: NamedAdapter, environment: Environment): Promise<T | undefined> {
    return (await this.#readAll(environment))[keyOf(adapter)];
  }

  /** Keeps what was found. Throws UserError where the cache cannot be written to. */
  async keep(adapter: NamedAdapter, found: T, environment: Environment): Promise<void> {
    const adapters = { ...(await this.#readAll(environment)), [keyOf(adapter)]: found };
    await makeFolder(cacheFolder(environment));
    const text = JSON.stringify({ version: this.#version, adapters }, null, 2);
    await writeFileAtomically(this.#path(environment), `${text}\n`);
  }
}
