import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATASET_NAMES } from '../../../src/data/image_dataset.ts';
import { buildReport } from '../../../src/lab/doctor/doctor.ts';
import type { DoctorReport } from '../../../src/lab/doctor/facts.ts';
import { renderReport } from '../../../src/lab/doctor/text.ts';
import { exampleAdapter, exampleFacts } from './example_facts.ts';

let folder: string;
let program: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-doctor-'));
  program = join(folder, 'program.mts');
  const source = new URL('../../../src/lab/doctor/doctor.ts', import.meta.url);
  writeFileSync(
    program,
    `import { doctor } from ${JSON.stringify(source.href)};
process.exitCode = await doctor({ json: process.argv.includes('--json') });
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the doctor as the command line does; the time limit makes a process that does not end by itself a failure. */
function runDoctor(args: string[], variables: Record<string, string> = {}) {
  return spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), program, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, WGRAD_DATA: '', ...variables },
  });
}

describe('doctor', () => {
  it('prints one JSON object of the documented shape, exits 0 and ends by itself', () => {
    const { status, stdout } = runDoctor(['--json']);
    const report: DoctorReport = JSON.parse(stdout);
    expect(status).toBe(0);
    expect(Object.keys(report)).toEqual([
      'schema',
      'healthy',
      'versions',
      'adapters',
      'kernels',
      'tuning',
      'verification',
      'driverFiles',
      'dawnLog',
      'datasets',
      'disk',
      'findings',
    ]);
    expect(report).toMatchObject({ schema: 1, healthy: true });
    expect(report.datasets.map(({ name }) => name)).toEqual([...DATASET_NAMES]);
    expect(report.disk.map(({ purpose }) => purpose)).toEqual(['runs', 'cache']);
  });

  it.runIf(process.platform === 'linux')('works without any driver, says so and exits 1', () => {
    const { status, stdout } = runDoctor([], { VK_DRIVER_FILES: join(folder, 'none.json') });
    expect(stdout).toMatch(/^ {2}error {4}adapter .*There is no adapter/m);
    expect(stdout).toContain('The lab cannot run');
    expect(status).toBe(1);
  });
});

describe('renderReport', () => {
  it('shows adapters with limits and features, and the verdict', () => {
    const facts = exampleFacts();
    facts.survey.adapters.push(exampleAdapter({ description: 'Second Card', software: true, subgroupSizes: [4, 8] }));
    const text = renderReport(buildReport(facts));
    expect(text).toContain('Example Card 9000 (vulkan, hardware): the lab takes this one');
    expect(text).toContain('Second Card (vulkan, software)\n');
    expect(text).toMatch(/subgroups +yes, of 32 lanes/);
    expect(text).toMatch(/subgroups +yes, of 4 to 8 lanes/);
    expect(text).toMatch(/shader-f16 +no/);
    expect(text).toMatch(/buffer +4 GiB, 128 MiB of it in one binding/);
    expect(text).not.toContain('of no weight');
    expect(text.trimEnd().split('\n').at(-1)).toBe('The lab can run.');
  });

  it('shows what Dawn said where there is no adapter, and counts the errors', () => {
    const facts = exampleFacts();
    facts.survey.adapters = [];
    facts.disk[0]!.writable = false;
    const text = renderReport(buildReport(facts));
    expect(text).toContain('Dawn: Warning: of no weight');
    expect(text).toContain('The lab cannot run: the 2 errors above stop it.');
  });
});
