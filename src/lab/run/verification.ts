import { z } from 'zod';
import type { ConformanceReport } from '../../inspect/conformance/conformance.ts';
import { type Environment, hostEnvironment } from '../../node/host_environment.ts';
import { rungsFor } from '../../runtime/choose_rung.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { RUNG_NAMES, type RungName, type RungTable, SHAPE_CLASSES, type ShapeClass } from '../../runtime/rungs.ts';
import { AdapterCache, type NamedAdapter } from './adapter_cache.ts';
import { programVersions } from './run_environment.ts';

const schema = z.object({
  /** Version of the program that verified, and when, in ISO 8601. */
  wgrad: z.string(),
  at: z.string(),
  quick: z.boolean(),
  passed: z.boolean(),
  /** Names of the checks that fell short. */
  wrong: z.array(z.string()),
  faults: z.object({
    rungs: z.partialRecord(z.enum(SHAPE_CLASSES), z.array(z.enum(RUNG_NAMES))),
    shaders: z.array(z.string()),
  }),
});

/** What `wgrad verify` found on an adapter with its driver. */
export type Verification = z.infer<typeof schema>;

const CACHE = new AdapterCache<Verification>('verified.json', 1, schema);

/** What was found on an adapter; undefined where it was never verified. */
export function verificationOf(
  adapter: NamedAdapter,
  environment = hostEnvironment(),
): Promise<Verification | undefined> {
  return CACHE.read(adapter, environment);
}

/** What a whole check found, with what a quick look found since: that clears nothing, as it has not looked at everything. */
function withQuick(whole: Verification, look: Verification): Verification {
  const both = <T>(a: readonly T[] = [], b: readonly T[] = []) => [...new Set([...a, ...b])];
  const named = both(Object.keys(whole.faults.rungs), Object.keys(look.faults.rungs)) as ShapeClass[];
  const rungs = Object.fromEntries(
    named.map((name) => [name, both(whole.faults.rungs[name], look.faults.rungs[name])]),
  );
  return {
    ...whole,
    passed: whole.passed && look.passed,
    wrong: both(whole.wrong, look.wrong),
    faults: { rungs, shaders: both(whole.faults.shaders, look.faults.shaders) },
  };
}

/**
 * Keeps what a verification found, in the place of what was known; a quick look adds to what this version found when it checked everything.
 *
 * @returns what is known now. Throws UserError where the cache cannot be written to.
 */
export async function keepVerification(
  report: ConformanceReport,
  environment = hostEnvironment(),
): Promise<Verification> {
  const { adapter, quick, passed, kernels, gradients, steps, limits, faults } = report;
  const wrong = [
    ...kernels.filter((one) => !one.passed).map(({ shader }) => shader),
    ...[...gradients, ...steps, ...limits].filter((one) => !one.passed).map(({ name }) => name),
  ];
  const { wgrad } = programVersions();
  const rungs = Object.fromEntries(Object.entries(faults.rungs).map(([name, list]) => [name, [...list]]));
  const at = new Date().toISOString();
  const found = { wgrad, at, quick, passed, wrong, faults: { rungs, shaders: [...faults.shaders] } };
  const earlier = await verificationOf(adapter, environment);
  const adds = quick && earlier !== undefined && !earlier.quick && earlier.wgrad === wgrad;
  const known = adds ? withQuick(earlier, found) : found;
  await CACHE.keep(adapter, known, environment);
  return known;
}

/** A table without the rungs that are wrong: in their place the fastest that are not. */
function withoutWrong(gpu: Gpu, wrong: Verification['faults']['rungs']): RungTable {
  const right = (name: ShapeClass): RungName => {
    const own = gpu.rungs[name];
    if (!wrong[name]?.includes(own)) return own;
    return rungsFor(gpu).find((rung) => !wrong[name]?.includes(rung)) ?? own;
  };
  return Object.fromEntries(SHAPE_CLASSES.map((name) => [name, right(name)])) as Record<ShapeClass, RungName>;
}

/**
 * Keeps a device from what its adapter is known to compute wrongly. Call it once the device has its rungs.
 * say: told in one line what is avoided, and of an adapter that was never verified. Where it is left out nothing is said.
 */
export async function applyVerification(
  gpu: Gpu,
  { say = () => {}, environment = hostEnvironment() }: { say?: (text: string) => void; environment?: Environment } = {},
): Promise<void> {
  const found = await verificationOf(gpu.adapter, environment);
  if (found === undefined) {
    say(
      'This adapter was never verified: `npx wgrad verify --quick` looks in under a minute whether it computes rightly.',
    );
    return;
  }
  gpu.knownFaults = found.faults;
  gpu.rungs = withoutWrong(gpu, found.faults.rungs);
  if (!found.passed)
    say(`This adapter failed \`wgrad verify\` (${shortened(found.wrong)}); what is wrong is not used.`);
}

/** Names, the first few of many. */
export function shortened(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
