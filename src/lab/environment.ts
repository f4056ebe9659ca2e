import { createRequire } from 'node:module';
import type { AdapterDescription } from '../kernels/gpu.ts';

const require = createRequire(import.meta.url);

/** What a run ran on; part of results.json. */
export interface RunEnvironment {
  wgrad: string;
  node: string;
  /** Version of the npm package that brings Dawn. */
  webgpu: string;
  platform: string;
  adapter: AdapterDescription;
}

function versionOf(packageFile: string): string {
  return (require(packageFile) as { version: string }).version;
}

export function describeEnvironment(adapter: AdapterDescription): RunEnvironment {
  return {
    wgrad: versionOf('../../package.json'),
    node: process.versions.node,
    webgpu: versionOf('webgpu/package.json'),
    platform: `${process.platform} ${process.arch}`,
    adapter,
  };
}
