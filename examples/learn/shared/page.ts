// What the programs of docs/learn share: how a number is said, and where the figure goes.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Figure } from 'wgrad/lab';

const { values } = parseArgs({ options: { figures: { type: 'string' } } });

/** Prints `name: value`, as the pages quote it and `npm run learn:check` looks it up. Fractions: seven digits at most, as float32 has. */
export function say(name: string, value: number | string): void {
  const isFraction = typeof value === 'number' && !Number.isInteger(value);
  console.log(`${name}: ${isFraction ? Number(value.toPrecision(7)) : value}`);
}

/** Writes the page's figure as a PNG into the folder that `--figures` names. Without it nothing is drawn, and the plots are not even loaded. */
export async function figure(draw: (plots: typeof import('wgrad/lab')) => Figure): Promise<void> {
  if (values.figures === undefined) return;
  const { name, png } = draw(await import('wgrad/lab'));
  mkdirSync(values.figures, { recursive: true });
  // 64 colours are enough, and make the file a third as large.
  const { default: sharp } = await import('sharp');
  await sharp(png)
    .png({ palette: true, colours: 64 })
    .toFile(join(values.figures, `${name}.png`));
}

/** The largest difference between two lists of numbers. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`There are ${a.length} and ${b.length} numbers to compare.`);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}
