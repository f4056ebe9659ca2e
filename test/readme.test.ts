import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('..', import.meta.url);

it("runs the README's example: it learns, and the process ends by itself", () => {
  const example = readFileSync(new URL('README.md', root), 'utf8').match(/```ts\n([\s\S]*?)```/)?.[1] ?? '';
  // The sources stand for the package, which a clone has not built.
  const program = example.replace("from 'wgrad'", "from './src/node.ts'");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program],
    {
      cwd: root,
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
  expect(stderr.replace(/^Warning: max.*\n/gm, '')).toBe('');
  expect(status).toBe(0);
  const losses = [...stdout.matchAll(/step (\d+): loss ([\d.]+)/g)].map((match) => Number(match[2]));
  expect(losses).toHaveLength(3);
  expect(losses[2]).toBeLessThan(0.2);
});
