import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Everything of results.json but the timings. */
function withoutTimings(json: string): string {
  return JSON.stringify(JSON.parse(json), (key, value) => (key === 'timings' ? undefined : value));
}

/** A table without the column of seconds. */
function withoutSeconds(csv: string): string {
  const rows = csv.split('\n').map((line) => line.split(','));
  const column = rows[0].indexOf('seconds');
  return rows.map((cells) => cells.filter((_, i) => i !== column).join(',')).join('\n');
}

/** What of a file is the same however often it is made. */
function lastingPart(path: string): string {
  if (path.endsWith('results.json')) return withoutTimings(readFileSync(path, 'utf8'));
  if (path.endsWith('history.csv')) return withoutSeconds(readFileSync(path, 'utf8'));
  return readFileSync(path, 'base64');
}

/** Files of a study, by their paths in it. Without checkpoints, which hold timings among the rest. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/(^|\/)checkpoints(\/|$)/.test(name) && statSync(join(folder, name)).isFile())
    .sort();
}

/**
 * How the studies in two folders differ, bit for bit but for timings: a line for each file that is in one alone, or not the same in both.
 * compared: how many files are in both.
 */
export function compareStudies(one: string, other: string): { compared: number; differences: string[] } {
  const [own, others] = [new Set(filesOf(one)), new Set(filesOf(other))];
  const both = [...own].filter((name) => others.has(name));
  return {
    compared: both.length,
    differences: [
      ...[...own].filter((name) => !others.has(name)).map((name) => `${name} is in ${one} alone`),
      ...[...others].filter((name) => !own.has(name)).map((name) => `${name} is in ${other} alone`),
      ...both
        .filter((name) => lastingPart(join(one, name)) !== lastingPart(join(other, name)))
        .map((name) => `${name} differs`),
    ],
  };
}
