import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ClassTimes } from '../../src/kernels/tune_rungs.ts';
import { fastestRung, type RungTimes } from '../../src/runtime/fastest_rung.ts';
import { rungOf, tileOf } from '../../src/runtime/rungs.ts';

const FOLDER = new URL('../fixtures/tuning/', import.meta.url);
const recordings = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => [file, JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))] as [string, ClassTimes[]]);

const least = ({ ms }: RungTimes) => Math.min(...ms);

describe.each(recordings)('times recorded on an adapter, %s', (_, classes) => {
  it.each(classes.map((one) => [one.shapeClass, one] as const))('%s: the choice is what it was', (_, one) => {
    const { times, chosen } = one;
    expect(fastestRung(times)).toBe(chosen);
    // Whatever is chosen, it is not slower than the usual version, nor than the fastest by more than a tenth.
    const own = least(times.find(({ rung }) => rung === chosen) as RungTimes);
    expect(own).toBeLessThanOrEqual(least(times[0]));
    expect(own).toBeLessThanOrEqual(1.12 * Math.min(...times.map(least)));
  });
});

it('was recorded of all fast rungs, and both where the usual version is the fastest and where it is not', () => {
  const classes = recordings.flatMap(([, recorded]) => recorded);
  expect(new Set(classes.map(({ times, chosen }) => times[0].rung === chosen))).toEqual(new Set([true, false]));
  const rungs = classes.flatMap(({ times }) => times.map(({ rung }) => rungOf(rung)));
  expect(new Set(rungs)).toEqual(new Set(['tiled', 'blocked', 'subgroup']));
});

it('chooses among tiles, where an adapter has no subgroups, what was never slower than the usual one', () => {
  const chosen = recordings
    .filter(([file]) => file.includes('as_hardware'))
    .flatMap(([, classes]) => classes)
    .map(({ times }) => {
      const rest = times.filter(({ rung }) => rung !== 'subgroup');
      const name = fastestRung(rest);
      expect(least(rest.find(({ rung }) => rung === name) as RungTimes)).toBeLessThanOrEqual(least(rest[0]));
      return name;
    });
  // Other tiles for other shapes.
  expect(new Set(chosen.filter((name) => tileOf(name))).size).toBeGreaterThan(2);
});

describe('fastestRung', () => {
  const usual = (...ms: number[]): RungTimes => ({ rung: 'blocked:64x64x16/4x4', ms });
  const other = (...ms: number[]): RungTimes => ({ rung: 'tiled', ms });

  it('takes the version whose fastest sample is the shortest', () => {
    const third: RungTimes = { rung: 'subgroup', ms: [9, 5, 30] };
    expect(fastestRung([usual(10, 10, 10), other(8, 8, 8), third])).toBe('subgroup');
  });

  it('keeps the usual one where another gains no more than noise', () => {
    expect(fastestRung([usual(10, 10.1, 10.1), other(9.85, 10, 10)])).toBe('blocked:64x64x16/4x4');
    // Its own samples lie 8 % apart.
    expect(fastestRung([usual(10, 10.8, 11), other(9.4, 9.4, 9.4)])).toBe('blocked:64x64x16/4x4');
    // A tenth is a gain however far they do.
    expect(fastestRung([usual(10, 20, 20), other(8.9, 8.9, 8.9)])).toBe('tiled');
  });

  it('never takes one that was slower than the usual one', () => {
    expect(fastestRung([usual(10, 30, 30), other(10.01, 10.01, 10.01)])).toBe('blocked:64x64x16/4x4');
    expect(fastestRung([usual(3)])).toBe('blocked:64x64x16/4x4');
  });
});
