import type { Gpu } from './gpu.ts';
import { PREFERENCE, type Rung, type ShapeClass } from './rungs.ts';

/** Rungs that this adapter can run, from the fastest on. */
export function rungsFor(gpu: Gpu): Rung[] {
  const preferred = PREFERENCE[gpu.adapter.software ? 'software' : 'hardware'];
  return preferred.filter((rung) => rung !== 'subgroup' || gpu.adapter.subgroupSizes[0] > 0);
}

/** The rung to take: the one forced by `gpu.forcedRung` where it can run and its shape `fits`, else that of the table, else the fastest that does. */
export function chooseRung(
  gpu: Gpu,
  shapeClass: ShapeClass,
  fits: Readonly<Record<Exclude<Rung, 'naive'>, boolean>>,
): Rung {
  const able = rungsFor(gpu).filter((rung) => rung === 'naive' || fits[rung]);
  const wanted = [gpu.forcedRung, gpu.rungs[shapeClass]].find((rung) => rung !== undefined && able.includes(rung));
  return wanted ?? able[0];
}
