import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { tuneRungs } from '../../kernels/tune_rungs.ts';
import { makeFolder, writeFileAtomically } from '../../node/atomic_file.ts';
import { cacheFolder, type Environment, hostEnvironment } from '../../node/host_environment.ts';
import type { AdapterDescription } from '../../runtime/adapter.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { RUNGS, type RungTable, SHAPE_CLASSES } from '../../runtime/rungs.ts';

/** Raised when the kernels change so much that what was measured before no longer holds. */
const VERSION = 2;

const tableSchema = z.record(z.enum(SHAPE_CLASSES), z.enum(RUNGS));
const fileSchema = z.object({ version: z.literal(VERSION), adapters: z.record(z.string(), tableSchema) });

type Named = Pick<AdapterDescription, 'vendor' | 'architecture' | 'description'> & { device?: string };

/** An adapter with its driver, as both name themselves. */
const keyOf = ({ vendor, architecture, description, device }: Named) =>
  `${vendor} | ${architecture} | ${description || device}`;

const fileOf = (environment: Environment) => join(cacheFolder(environment), 'rungs.json');

/** Tables by adapter; a file that is missing, damaged or of another version counts as empty, as it can be measured again. */
async function readTables(environment: Environment): Promise<Record<string, RungTable>> {
  try {
    const parsed = fileSchema.safeParse(JSON.parse(await readFile(fileOf(environment), 'utf8')));
    return parsed.success ? parsed.data.adapters : {};
  } catch {
    return {};
  }
}

/** What was measured on an adapter before; undefined where nothing was. */
export async function measuredRungs(adapter: Named, environment = hostEnvironment()): Promise<RungTable | undefined> {
  return (await readTables(environment))[keyOf(adapter)];
}

/** Keeps what was measured on an adapter in the cache. Throws UserError where that cannot be written to. */
async function keepRungs(adapter: Named, table: RungTable, environment: Environment): Promise<void> {
  const adapters = { ...(await readTables(environment)), [keyOf(adapter)]: table };
  await makeFolder(cacheFolder(environment));
  await writeFileAtomically(fileOf(environment), `${JSON.stringify({ version: VERSION, adapters }, null, 2)}\n`);
}

/** Measures the rungs on an adapter and keeps the table in the cache. Throws UserError where that cannot be written to. */
export async function measureRungs(gpu: Gpu, environment = hostEnvironment()): Promise<RungTable> {
  const table = await tuneRungs(gpu);
  await keepRungs(gpu.adapter, table, environment);
  return table;
}

/** A table from the results of an earlier run; undefined where there is none or it is damaged. */
export function parseRungs(value: unknown): RungTable | undefined {
  const parsed = tableSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/**
 * Gives a device the rungs of a run: those of the run that goes on, so that it goes on to the same bits; else those measured on the adapter; else, on
 * hardware, it measures them now. A software adapter has its table. A forced rung is left to rule.
 */
export async function applyRungs(
  gpu: Gpu,
  {
    earlier,
    say,
    environment = hostEnvironment(),
  }: { earlier?: unknown; say: (text: string) => void; environment?: Environment },
): Promise<void> {
  const known = parseRungs(earlier) ?? (await measuredRungs(gpu.adapter, environment));
  if (known) {
    gpu.rungs = known;
  } else if (!gpu.adapter.software && gpu.forcedRung === undefined) {
    say('Measuring which kernels are the fastest on this adapter, once …');
    gpu.rungs = await tuneRungs(gpu);
    try {
      await keepRungs(gpu.adapter, gpu.rungs, environment);
    } catch (error) {
      say(`That was not kept: ${(error as Error).message}`);
    }
  }
}

/** A table in words: the rung of most classes, then the others. */
export function describeRungs(table: RungTable): string {
  const count = (rung: string) => SHAPE_CLASSES.filter((name) => table[name] === rung).length;
  const usual = [...RUNGS].sort((a, b) => count(b) - count(a))[0];
  const others = SHAPE_CLASSES.filter((name) => table[name] !== usual).map((name) => `${name}: ${table[name]}`);
  return others.length === 0 ? `${usual} for all shapes` : `${usual}, but ${others.join(', ')}`;
}
