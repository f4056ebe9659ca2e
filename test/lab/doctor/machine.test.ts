import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { findDriverFiles, measureDisk, readVersions } from '../../../src/lab/doctor/machine.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-machine-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

describe('readVersions', () => {
  it('agrees with package.json and the running Node.js', async () => {
    const own = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(await readVersions()).toMatchObject({
      wgrad: own.version,
      node: process.versions.node,
      nodeWanted: own.engines.node,
      webgpu: own.dependencies.webgpu,
      arch: process.arch,
    });
  });
});

describe('findDriverFiles', () => {
  it('lists .json files of the folders that exist', async () => {
    vi.stubEnv('VK_DRIVER_FILES', undefined);
    vi.stubEnv('VK_ICD_FILENAMES', undefined);
    const drivers = join(folder, 'icd.d');
    mkdirSync(drivers);
    writeFileSync(join(drivers, 'b.json'), '{}');
    writeFileSync(join(drivers, 'a.json'), '{}');
    writeFileSync(join(drivers, 'readme.txt'), '');
    expect(await findDriverFiles([join(folder, 'none'), drivers])).toEqual([
      join(drivers, 'a.json'),
      join(drivers, 'b.json'),
    ]);
  });

  it('gives the files that the environment names, as the loader looks at no others', async () => {
    vi.stubEnv('VK_DRIVER_FILES', '/one.json:/two.json');
    expect(await findDriverFiles([])).toEqual(['/one.json', '/two.json']);
  });
});

describe('measureDisk', () => {
  it('measures where a folder that does not exist yet would be made', async () => {
    const here = await measureDisk('runs', folder);
    const below = await measureDisk('runs', join(folder, 'not', 'yet'));
    expect(here).toMatchObject({ purpose: 'runs', path: folder, writable: true });
    expect(below).toMatchObject({ path: join(folder, 'not', 'yet'), writable: true });
    expect(here.freeBytes).toBeGreaterThan(0);
    expect(below.freeBytes).toBeGreaterThan(0);
  });

  it('sees that nothing can be made below a file', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '', { mode: 0o644 });
    expect((await measureDisk('cache', join(file, 'wgrad'))).writable).toBe(false);
  });
});
