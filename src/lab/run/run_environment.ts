import { createRequire } from 'node:module';
import type { AdapterDescription } from '../../runtime/adapter.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type RungTable, uniformTable } from '../../runtime/rungs.ts';

const require = createRequire(import.meta.url);

/** What a run ran on; part of results.json. */
export interface RunEnvironment {
  wgrad: string;
  node: string;
  /** Version of the npm package that brings Dawn. */
  webgpu: string;
  platform: string;
  adapter: AdapterDescription;
  /** Which version of the kernels computed each class of shapes: others give other bits. */
  rungs: RungTable;
}

function versionOf(packageFile: string): string {
  return (require(packageFile) as { version: string }).version;
}

/** Versions of the program and of what it runs on, for reports. */
export function programVersions(): Pick<RunEnvironment, 'wgrad' | 'node' | 'webgpu' | 'platform'> {
  return {
    wgrad: versionOf('../../../package.json'),
    node: process.versions.node,
    webgpu: versionOf('webgpu/package.json'),
    platform: `${process.platform} ${process.arch}`,
  };
}

export function describeEnvironment({
  adapter,
  rungs,
  forcedRung,
}: Pick<Gpu, 'adapter' | 'rungs' | 'forcedRung'>): RunEnvironment {
  return {
    ...programVersions(),
    adapter,
    rungs: forcedRung === undefined ? rungs : uniformTable(forcedRung),
  };
}
