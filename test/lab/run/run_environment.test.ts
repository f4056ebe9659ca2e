import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeEnvironment } from '../../../src/lab/run/run_environment.ts';
import { uniformTable } from '../../../src/runtime/rungs.ts';

it('describeEnvironment gives the versions of the program, Node and Dawn, the adapter and the rungs of its kernels', () => {
  const adapter = {
    vendor: 'v',
    architecture: 'a',
    device: 'd',
    description: 'x',
    software: true,
    subgroupSizes: [4, 8],
  } as const;
  const { version, dependencies } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  expect(describeEnvironment({ adapter, rungs: uniformTable('tiled'), forcedRung: undefined })).toEqual({
    wgrad: version,
    node: process.version.slice(1),
    webgpu: dependencies.webgpu,
    platform: `${process.platform} ${process.arch}`,
    adapter,
    rungs: uniformTable('tiled'),
  });
  const forced = describeEnvironment({ adapter, rungs: uniformTable('tiled'), forcedRung: 'naive' });
  expect(forced.rungs).toEqual(uniformTable('naive'));
});
