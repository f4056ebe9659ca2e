import { DeviceError } from './errors.ts';
import type { Gpu } from './gpu.ts';
import { PREFERENCE, type Rung, type RungName, rungOf, type ShapeClass, TILED_RUNGS, tileOf } from './rungs.ts';
import { hasRoomFor } from './tiles.ts';

/** Told of each rung that is chosen. */
type RungWatcher = (shapeClass: ShapeClass, rung: RungName) => void;
let watcher: RungWatcher | undefined;

/** Runs a function and tells `seen` of each rung that is chosen in it. */
export function watchRungs<R>(seen: RungWatcher, work: () => R): R {
  const before = watcher;
  watcher = seen;
  try {
    return work();
  } finally {
    watcher = before;
  }
}

/** Rungs that this adapter can run, from the fastest on; Winograd's behind all that are taken unasked. */
export function rungsFor(gpu: Gpu): Rung[] {
  const preferred = PREFERENCE[gpu.adapter.software ? 'software' : 'hardware'];
  return [...preferred.filter((rung) => rung !== 'subgroup' || gpu.adapter.subgroupSizes[0] > 0), 'winograd'];
}

/** The tiles of the blocked rung that this device has room for, from the usual one on. */
export function tiledRungsFor(gpu: Gpu): RungName[] {
  return TILED_RUNGS.filter((name) => isAble(gpu, name));
}

/** Whether this device can run a version at all. */
export function isAble(gpu: Gpu, name: RungName): boolean {
  if (name === 'subgroup') return gpu.adapter.subgroupSizes[0] > 0;
  const tile = tileOf(name);
  return tile === undefined || hasRoomFor(gpu.limits, tile);
}

/** Which rungs take the sizes of a call, of those that its kernel has; the naive one takes all. */
export type Fits = Readonly<Partial<Record<Exclude<Rung, 'naive'>, boolean>>>;

/**
 * The version to take: the one forced by `gpu.forcedRung` where it can run and its shape `fits`, else that of the table, else the fastest that does; of the
 * blocked rung always with its tile. One that is known to compute wrongly on this adapter is never taken; throws DeviceError where no other is left.
 */
export function chooseRung(gpu: Gpu, shapeClass: ShapeClass, fits: Fits): RungName {
  const wrong = gpu.knownFaults.rungs[shapeClass];
  const isOpen = (name: RungName): boolean => {
    const rung = rungOf(name);
    return (rung === 'naive' || fits[rung] === true) && !wrong?.includes(name) && isAble(gpu, name);
  };
  const firstOf = (name: RungName): RungName | undefined =>
    name === 'blocked' && !wrong?.includes(name) ? TILED_RUNGS.find(isOpen) : isOpen(name) ? name : undefined;
  const { forcedRung } = gpu;
  let taken = (forcedRung && firstOf(forcedRung)) ?? firstOf(gpu.rungs[shapeClass]);
  for (const rung of taken === undefined ? rungsFor(gpu) : []) taken ??= firstOf(rung);
  if (taken === undefined) {
    throw new DeviceError(
      `This adapter computes ${shapeClass} wrongly on every rung that takes these sizes, as \`wgrad verify\` found: update its driver and verify again, or take another adapter.`,
    );
  }
  watcher?.(shapeClass, taken);
  return taken;
}
