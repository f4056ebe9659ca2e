import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { afterAll, beforeAll } from 'vitest';
import type { Environment } from '../../../../src/node/host_environment.ts';

/** A folder for a test file's data sets, and a cache of its own beside it; both are removed when its tests are over. */
export function useFolder(): { path: string; environment: Environment } {
  const held = { path: '', environment: { variables: {}, platform: 'linux', home: '' } as Environment };
  beforeAll(() => {
    held.path = mkdtempSync(join(tmpdir(), 'wgrad-own-'));
    held.environment = { ...held.environment, home: join(held.path, 'home') };
  });
  afterAll(() => rmSync(held.path, { recursive: true, force: true }));
  return held;
}

/** Writes a PNG, or a JPEG by its ending, of one colour. */
export async function writeImage(
  path: string,
  colour: string,
  size: { width: number; height: number } = SIZE,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  await sharp({ create: { ...size, channels: 3, background: colour } }).toFile(path);
}

const SIZE = { width: 12, height: 9 };

/** An array in NumPy's format. type: '|u1', '<i8', … */
export function npy(type: string, shape: readonly number[], bytes: Uint8Array, order = 'False'): Uint8Array {
  const text = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = text.padEnd(118 - 1, ' ').concat('\n');
  const all = new Uint8Array(10 + header.length + bytes.length);
  all.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  all.set(new TextEncoder().encode(header), 10);
  all.set(bytes, 10 + header.length);
  return all;
}

/** The bytes of 64-bit whole numbers, as NumPy has them by default. */
export function int64(values: readonly number[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
}

/** Writes an archive of arrays. level: 0 stores them as they are. */
export function writeNpz(path: string, arrays: Record<string, Uint8Array>, level: 0 | 6 = 6): void {
  const files = Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes]));
  writeFileSync(path, zipSync(files, { level }));
}
