import { z } from 'zod';
import { type Tuning, tuneRungs } from '../../kernels/tune_rungs.ts';
import { type Environment, hostEnvironment } from '../../node/host_environment.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { RUNG_NAMES, type RungTable, SHAPE_CLASSES, type ShapeClass } from '../../runtime/rungs.ts';
import { AdapterCache, type NamedAdapter } from './adapter_cache.ts';

const tableSchema = z.record(z.enum(SHAPE_CLASSES), z.enum(RUNG_NAMES));
/** The version is raised when the kernels change so much that what was measured before no longer holds. */
const CACHE = new AdapterCache<RungTable>('rungs.json', 3, tableSchema);

/** What was measured on an adapter before; undefined where nothing was. */
export function measuredRungs(adapter: NamedAdapter, environment = hostEnvironment()): Promise<RungTable | undefined> {
  return CACHE.read(adapter, environment);
}

/** Measures the rungs on an adapter and keeps the table in the cache. Throws UserError where that cannot be written to. */
export async function measureRungs(gpu: Gpu, environment = hostEnvironment()): Promise<Tuning> {
  const tuning = await tuneRungs(gpu);
  await CACHE.keep(gpu.adapter, tuning.rungs, environment);
  return tuning;
}

/** Classes that tables of earlier versions lack, each with the one that its shapes were of. */
const FORMERLY: Readonly<Partial<Record<ShapeClass, ShapeClass>>> = {
  'matmul-large-k': 'matmul',
  'conv2d-large-k': 'conv2d',
  'conv2d-3x3': 'conv2d',
  'conv2d-1x1': 'matmul',
  'conv2d-1x1-narrow': 'matmul-narrow',
  'conv2d-input-grad-large-k': 'conv2d-input-grad',
  'conv2d-input-grad-3x3': 'conv2d-input-grad',
  'conv2d-weight-grad-3x3': 'conv2d-weight-grad',
};

/** A table from the results of an earlier run, perhaps of an earlier version; undefined where there is none or it is damaged. */
export function parseRungs(value: unknown): RungTable | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const given = value as Partial<Record<ShapeClass, unknown>>;
  const former = Object.entries(FORMERLY).map(([name, before]) => [name, given[before]]);
  const parsed = tableSchema.safeParse({ ...Object.fromEntries(former), ...given });
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
    say('Measuring, once, which version of each kernel is the fastest on this adapter: some seconds …');
    gpu.rungs = (await tuneRungs(gpu)).rungs;
    say(`Taken here from now on: ${describeRungs(gpu.rungs)}.`);
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
  const usual = [...RUNG_NAMES].sort((a, b) => count(b) - count(a))[0];
  const others = SHAPE_CLASSES.filter((name) => table[name] !== usual).map((name) => `${name}: ${table[name]}`);
  return others.length === 0 ? `${usual} for all shapes` : `${usual}, but ${others.join(', ')}`;
}
