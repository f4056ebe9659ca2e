import { DeviceError } from './errors.ts';
import type { Gpu } from './gpu.ts';
import { PREFERENCE, type Rung, type ShapeClass } from './rungs.ts';

/** Told of each rung that is chosen. */
type RungWatcher = (shapeClass: ShapeClass, rung: Rung) => void;
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

/** Which rungs take the sizes of a call; the naive one takes all, Winograd's none where nothing is said. */
export type Fits = Readonly<Record<'tiled' | 'subgroup', boolean> & { winograd?: boolean }>;

/**
 * The rung to take: the one forced by `gpu.forcedRung` where it can run and its shape `fits`, else that of the table, else the fastest that does. One that
 * is known to compute wrongly on this adapter is never taken; throws DeviceError where no other is left.
 */
export function chooseRung(gpu: Gpu, shapeClass: ShapeClass, fits: Fits): Rung {
  const wrong = gpu.knownFaults.rungs[shapeClass];
  const able = rungsFor(gpu).filter((rung) => (rung === 'naive' || fits[rung]) && !wrong?.includes(rung));
  if (able.length === 0) {
    throw new DeviceError(
      `This adapter computes ${shapeClass} wrongly on every rung that takes these sizes, as \`wgrad verify\` found: update its driver and verify again, or take another adapter.`,
    );
  }
  const wanted = [gpu.forcedRung, gpu.rungs[shapeClass]].find((rung) => rung !== undefined && able.includes(rung));
  const taken = wanted ?? able[0];
  watcher?.(shapeClass, taken);
  return taken;
}
