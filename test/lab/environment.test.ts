import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeEnvironment } from '../../src/lab/environment.ts';

it('describeEnvironment gives the versions of the program, Node and Dawn, and the adapter', () => {
  const adapter = {
    vendor: 'v',
    architecture: 'a',
    device: 'd',
    description: 'x',
    software: true,
    subgroupSizes: [4, 8],
  } as const;
  const { version, dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(describeEnvironment(adapter)).toEqual({
    wgrad: version,
    node: process.version.slice(1),
    webgpu: dependencies.webgpu,
    platform: `${process.platform} ${process.arch}`,
    adapter,
  });
});
