import { constants } from 'node:fs';
import { access, readdir, readFile, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, availableParallelism, release, totalmem, type } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { DiskFact, VersionFacts } from './facts.ts';

/** Reads the versions of all that the lab stands on. */
export async function readVersions(): Promise<VersionFacts> {
  const own = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  return {
    wgrad: own.version,
    node: process.versions.node,
    nodeWanted: own.engines.node,
    webgpu: await installedVersion('webgpu'),
    os: await systemName(),
    arch: arch(),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
  };
}

async function installedVersion(name: string): Promise<string | null> {
  try {
    const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return JSON.parse(await readFile(path, 'utf8')).version;
  } catch {
    return null;
  }
}

async function systemName(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const pretty = /^PRETTY_NAME="?(.*?)"?$/m.exec(text)?.[1];
  return pretty ? `${pretty}, ${type()} ${release()}` : `${type()} ${release()}`;
}

/** Lists the files that tell the Vulkan loader where drivers are. */
export async function findDriverFiles(
  folders = ['/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/usr/share/vulkan/icd.d'],
): Promise<string[]> {
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  if (named) return named.split(':').filter((path) => path !== '');
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder).catch(() => []);
      return names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name));
    }),
  );
  return lists.flat().sort();
}

/** Says how much fits into a folder, and whether this user may write there; for one that does not exist yet, where it would be made. */
export async function measureDisk(purpose: DiskFact['purpose'], folder: string): Promise<DiskFact> {
  const path = resolve(folder);
  let existing = path;
  while (!(await permits(existing, constants.F_OK)) && dirname(existing) !== existing) existing = dirname(existing);
  const system = await statfs(existing).catch(() => null);
  return {
    purpose,
    path,
    freeBytes: system ? system.bavail * system.bsize : null,
    writable: await permits(existing, constants.W_OK | constants.X_OK),
  };
}

function permits(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
