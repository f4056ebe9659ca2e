import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../.ci/run', import.meta.url));
const passing = { status: 'passed', assertionResults: [{ status: 'passed' }] };

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'wgrad-ci-')));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Where no browser is installed. */
const skipped = { numPassedTests: 0, numFailedTests: 0, testResults: [{ status: 'passed', assertionResults: [] }] };

interface Told {
  /** Exit codes. */
  check?: number;
  test?: number;
  web?: number;
  programs?: number;
  cluster?: number;
  /** What vitest writes of the tests, and of those in a browser; null: nothing. */
  results?: object;
  webResults?: object | null;
  data?: boolean;
}

/** Runs a copy of the script with an npm that does nothing but end as told and leave the results given. */
function run(name: string, options: Told) {
  const root = join(folder, name, 'project');
  const bin = join(folder, name, 'bin');
  for (const path of [join(root, '.ci'), bin]) mkdirSync(path, { recursive: true });
  if (options.data) mkdirSync(join(folder, name, 'shared', 'data'), { recursive: true });
  writeFileSync(join(root, '.ci', 'run'), readFileSync(script));
  const written = (results: object | null | undefined) =>
    results ? `printf '%s' '${JSON.stringify(results)}' > "\${last#--outputFile.json=}"` : ':';
  const { webResults = skipped } = options;
  writeFileSync(
    join(bin, 'npm'),
    `#!/bin/sh
echo "npm $* data=$WGRAD_DATA"
for last; do :; done
if [ "$*" = 'run check' ]; then exit ${options.check ?? 0}; fi
if [ "$1 $2" = 'run test:web' ]; then ${written(webResults)}; exit ${options.web ?? 0}; fi
if [ "$1 $2" = 'run test:cluster' ]; then exit ${options.cluster ?? 0}; fi
if [ "$1 $2" = 'run test:programs' ]; then ${written(skipped)}; exit ${options.programs ?? 0}; fi
${written(options.results)}
exit ${options.test ?? 0}
`,
  );
  chmodSync(join(bin, 'npm'), 0o755);
  const { status, stdout } = spawnSync('bash', ['.ci/run'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, WGRAD_DATA: '', PATH: `${bin}${delimiter}${process.env.PATH}` },
  });
  return { status, stdout, last: stdout.trimEnd().split('\n').at(-1) };
}

describe.skipIf(process.platform === 'win32')('.ci/run', () => {
  it("counts by vitest's results and runs the check first", () => {
    const { status, stdout, last } = run('good', {
      results: { numPassedTests: 12, numFailedTests: 0, testResults: [passing] },
    });
    expect(last).toBe('12 passed, 0 failed');
    expect(status).toBe(0);
    expect(stdout.indexOf('npm run check')).toBeLessThan(stdout.indexOf('npm test'));
    expect(stdout.indexOf('npm run check')).toBeGreaterThanOrEqual(0);
  });

  it('counts failed tests', () => {
    const failing = { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'failed' }] };
    const results = { numPassedTests: 10, numFailedTests: 2, testResults: [passing, failing] };
    expect(run('failing', { test: 1, results })).toMatchObject({ status: 1, last: '10 passed, 2 failed' });
  });

  it('counts a test file that could not be loaded', () => {
    const broken = { status: 'failed', assertionResults: [] };
    const results = { numPassedTests: 10, numFailedTests: 0, testResults: [passing, broken] };
    expect(run('broken', { test: 1, results })).toMatchObject({ status: 1, last: '10 passed, 1 failed' });
  });

  it('counts a failed check, and runs the tests all the same', () => {
    const results = { numPassedTests: 10, numFailedTests: 0, testResults: [passing] };
    expect(run('check', { check: 2, results })).toMatchObject({ status: 1, last: '10 passed, 1 failed' });
  });

  it('counts tests that ended badly without a failed test, or without results', () => {
    const results = { numPassedTests: 10, numFailedTests: 0, testResults: [passing] };
    expect(run('unhandled', { test: 1, results })).toMatchObject({ status: 1, last: '10 passed, 1 failed' });
    expect(run('nothing', { test: 1 })).toMatchObject({ status: 1, last: '0 passed, 1 failed' });
    expect(run('silent', {})).toMatchObject({ status: 1, last: '0 passed, 1 failed' });
  });

  it('counts the tests in a browser as well', () => {
    const results = { numPassedTests: 10, numFailedTests: 0, testResults: [passing] };
    const webResults = { numPassedTests: 3, numFailedTests: 0, testResults: [passing] };
    const failing = {
      ...webResults,
      numFailedTests: 2,
      testResults: [{ status: 'failed', assertionResults: [{ status: 'failed' }] }],
    };
    expect(run('web', { results, webResults })).toMatchObject({ status: 0, last: '13 passed, 0 failed' });
    expect(run('web-failing', { results, webResults: failing, web: 1 })).toMatchObject({
      status: 1,
      last: '13 passed, 2 failed',
    });
    expect(run('web-ended', { results, webResults, web: 1 })).toMatchObject({ status: 1, last: '13 passed, 1 failed' });
    expect(run('web-silent', { results, webResults: null })).toMatchObject({ status: 1, last: '10 passed, 1 failed' });
  });

  it('counts the tests of programs as well', () => {
    const results = { numPassedTests: 10, numFailedTests: 0, testResults: [passing] };
    expect(run('programs', { results, programs: 1 })).toMatchObject({ status: 1, last: '10 passed, 1 failed' });
  });

  it('counts a failed test of the cluster, and not one that cannot run', () => {
    const results = { numPassedTests: 10, numFailedTests: 0, testResults: [passing] };
    expect(run('cluster', { results, cluster: 1 })).toMatchObject({ status: 1, last: '10 passed, 1 failed' });
    expect(run('no-cluster', { results, cluster: 77 })).toMatchObject({ status: 0, last: '10 passed, 0 failed' });
  });

  it('hands on the shared data by their absolute path where they are', () => {
    const results = { numPassedTests: 1, numFailedTests: 0, testResults: [passing] };
    expect(run('data', { data: true, results }).stdout).toContain(`data=${join(folder, 'data', 'shared', 'data')}\n`);
    expect(run('no-data', { results }).stdout).toMatch(/data=\n/);
  });
});
