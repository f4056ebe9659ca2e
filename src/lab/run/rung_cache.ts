import { z } from 'zod';
import { tuneRungs } from '../../kernels/tune_rungs.ts';
import { type Environment, hostEnvironment } from '../../node/host_environment.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { RUNGS, type RungTable, SHAPE_CLASSES, type ShapeClass } from '../../runtime/rungs.ts';
import { AdapterCache, type NamedAdapter } from './adapter_cache.ts';

const tableSchema = z.record(z.enum(SHAPE_CLASSES), z.enum(RUNGS));
/** The version is raised when the kernels change so much that what was measured before no longer holds. */
const CACHE = new AdapterCache<RungTable>('rungs.json', 2, tableSchema);

/** What was measured on an adapter before; undefined where nothing was. */
export function measuredRungs(adapter: NamedAdapter, environment = hostEnvironment()): Promise<RungTable | undefined> {
  return CACHE.read(adapter, environment);
}

/** Measures the rungs on an adapter and keeps the table in the cache. Throws UserError where that cannot be written to. */
export async function measureRungs(gpu: Gpu, environment = hostEnvironment()): Promise<RungTable> {
  const table = await tuneRungs(gpu);
  await CACHE.keep(gpu.adapter, table, environment);
  return table;
}

/** Classes that tables of earlier versions do not have, and those that held their shapes then. */
const DIVIDED: Readonly<Partial<Record<ShapeClass, ShapeClass>>> = {
  'conv2d-3x3': 'conv2d',
  'conv2d-input-grad-3x3': 'conv2d-input-grad',
  'conv2d-weight-grad-3x3': 'conv2d-weight-grad',
};

/** A table from the results of an earlier run; undefined where there is none or it is damaged. */
export function parseRungs(value: unknown): RungTable | undefined {
  const given = Object(value) as Partial<Record<ShapeClass, unknown>>;
  const older = Object.entries(DIVIDED).map(([name, whole]) => [name, given[whole]]);
  const parsed = tableSchema.safeParse({ ...Object.fromEntries(older), ...given });
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
  // Where a forced rung cannot run, the usual one does, so that what a run records of it, one rung for all, gives the same bits again.
  if (gpu.forcedRung !== undefined) return;
  const known = parseRungs(earlier) ?? (await measuredRungs(gpu.adapter, environment));
  if (known) {
    gpu.rungs = known;
  } else if (!gpu.adapter.software) {
    say('Measuring which kernels are the fastest on this adapter, once …');
    gpu.rungs = await tuneRungs(gpu);
    try {
      await CACHE.keep(gpu.adapter, gpu.rungs, environment);
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
