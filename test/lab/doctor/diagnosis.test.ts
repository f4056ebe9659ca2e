import { afterEach, describe, expect, it, vi } from 'vitest';
import { formatBytes, judge } from '../../../src/lab/doctor/diagnosis.ts';
import type { Facts, Finding } from '../../../src/lab/doctor/facts.ts';
import { exampleAdapter, exampleFacts } from './example_facts.ts';

afterEach(() => vi.unstubAllEnvs());

/** The finding on one item after a change to a machine without fault. */
function finding(item: string, change: (facts: Facts) => void): Finding {
  const facts = exampleFacts();
  change(facts);
  const found = judge(facts).filter((candidate) => candidate.item === item);
  expect(found, `findings on ${item}`).toHaveLength(1);
  return found[0]!;
}

describe('judge', () => {
  it('finds nothing wrong with a machine without fault', () => {
    const findings = judge(exampleFacts());
    expect(findings.map(({ level }) => level)).toEqual(findings.map(() => 'ok'));
    expect(findings.map(({ item }) => item)).toEqual([
      'node',
      'webgpu',
      'adapter',
      'subgroups',
      'kernels',
      'verified',
      'cifar10',
      'mnist',
      'disk: runs',
      'disk: cache',
    ]);
  });

  it.each([
    ['20.18.3', 'error'],
    ['18.20.0', 'error'],
    ['20.19.0', 'ok'],
    ['22.0.0', 'ok'],
  ])('Node.js %s is %s', (node, level) => {
    expect(finding('node', (facts) => Object.assign(facts.versions, { node })).level).toBe(level);
  });

  it('says how the adapter was verified, and what of it is avoided', () => {
    const verified = (changes: object | null) =>
      finding('verified', (facts) => {
        facts.verification = changes && {
          ...(facts.verification as NonNullable<typeof facts.verification>),
          ...changes,
        };
      });
    expect(verified({})).toMatchObject({
      level: 'ok',
      message: 'Found to compute rightly on 2026-01-02 by wgrad 0.1.0.',
    });
    expect(verified(null)).toMatchObject({ level: 'note', advice: expect.stringContaining('npx wgrad verify') });
    expect(verified({ passed: false, quick: true, wrong: ['conv2d_tiled'] })).toMatchObject({
      level: 'warning',
      message: 'Computed wrongly at a quick look on 2026-01-02 by wgrad 0.1.0, and avoided: conv2d_tiled.',
    });
    expect(verified({ wgrad: '0.0.9' })).toMatchObject({ level: 'note', advice: expect.stringContaining('again') });
  });

  it('asks for npm ci where the package webgpu is missing', () => {
    const missing = finding('webgpu', (facts) => Object.assign(facts.versions, { webgpu: null }));
    expect(missing).toMatchObject({ level: 'error', advice: expect.stringContaining('npm ci') });
  });

  it('passes on why the package webgpu cannot be loaded', () => {
    const broken = finding('webgpu', (facts) => {
      facts.survey = { adapters: [], problem: 'the npm package webgpu failed: GLIBC_9.9 not found', log: [] };
    });
    expect(broken).toMatchObject({ level: 'error', message: expect.stringContaining('GLIBC_9.9 not found') });
  });

  it('reports a driver that crashes as a fault of the adapter', () => {
    const crash = finding('adapter', (facts) => {
      facts.survey = { adapters: [], problem: 'Dawn crashed (signal SIGSEGV)', log: [] };
    });
    expect(crash).toMatchObject({ level: 'error', message: expect.stringContaining('SIGSEGV') });
  });

  it('tells no driver from drivers that Dawn refuses', () => {
    const none = finding('adapter', (facts) => {
      facts.survey.adapters = [];
      facts.driverFiles = [];
    });
    const refused = finding('adapter', (facts) => {
      facts.survey.adapters = [];
    });
    expect(none).toMatchObject({ level: 'error', message: expect.stringContaining('no graphics driver is installed') });
    expect(refused).toMatchObject({ level: 'error', message: expect.stringContaining('example_icd.json') });
  });

  it.runIf(process.platform === 'linux')('points at VK_DRIVER_FILES where it hides the drivers', () => {
    vi.stubEnv('VK_DRIVER_FILES', '/nowhere.json');
    const none = finding('adapter', (facts) => {
      facts.survey.adapters = [];
    });
    expect(none.advice).toContain('Unset VK_DRIVER_FILES');
  });

  it('refuses an adapter that opens no device', () => {
    const stuck = finding('adapter', (facts) => {
      facts.survey.adapters = [exampleAdapter({ chosen: true, problem: 'device lost' })];
    });
    expect(stuck).toMatchObject({ level: 'error', message: expect.stringContaining('device lost') });
  });

  it('judges the adapter that the lab takes, not the others', () => {
    const software = exampleAdapter({ software: true, description: 'Example on the processor' });
    const hardware = exampleAdapter({ chosen: true });
    const both = finding('adapter', (facts) => {
      facts.survey.adapters = [software, hardware];
    });
    expect(both).toMatchObject({ level: 'ok', message: expect.stringContaining('Example Card 9000') });
    const alone = finding('adapter', (facts) => {
      facts.survey.adapters = [{ ...software, chosen: true }];
    });
    expect(alone).toMatchObject({ level: 'note', message: expect.stringContaining('software driver') });
  });

  it('warns where there are no subgroups', () => {
    const without = finding('subgroups', (facts) => {
      facts.survey.adapters = [exampleAdapter({ chosen: true, features: [], subgroupSizes: null })];
    });
    expect(without.level).toBe('warning');
  });

  it.each([
    ['cifar10', true, 'error'],
    ['cifar10', false, 'note'],
    ['fashion-mnist', true, 'warning'],
    ['fashion-mnist', false, 'note'],
    ['mnist', false, 'error'],
  ])('%s, damaged %s: %s', (name, damaged, level) => {
    const dataset = { name, found: false, damaged, where: '/data', problem: 'data_batch_3.bin is 12 bytes' };
    const found = finding(name, (facts) => {
      facts.datasets = [dataset];
    });
    expect(found).toMatchObject({ level, message: 'Data_batch_3.bin is 12 bytes.' });
  });

  it('says once that the data folder is wrong', () => {
    const problem = 'WGRAD_DATA names /nowhere, which does not exist: name the folder that holds the data.';
    const facts = exampleFacts();
    facts.dataFolderProblem = problem;
    facts.datasets = [{ name: 'cifar10', found: false, damaged: false, where: '', problem }];
    const findings = judge(facts);
    expect(findings.filter(({ message }) => message === problem)).toEqual([
      { item: 'data folder', level: 'error', message: problem },
    ]);
    expect(findings.find(({ item }) => item === 'cifar10')?.level).toBe('note');
  });

  it.each([
    [0, 50 * 2 ** 20, 'error'],
    [0, 500 * 2 ** 20, 'warning'],
    [0, 2 ** 30, 'ok'],
    [1, 50 * 2 ** 20, 'warning'],
    [1, 500 * 2 ** 20, 'ok'],
  ])('disk %i with %i bytes free: %s', (index, freeBytes, level) => {
    const item = index === 0 ? 'disk: runs' : 'disk: cache';
    expect(finding(item, (facts) => Object.assign(facts.disk[index]!, { freeBytes })).level).toBe(level);
  });

  it('stops for a runs folder that cannot be written, and only warns for the cache', () => {
    expect(finding('disk: runs', (facts) => Object.assign(facts.disk[0]!, { writable: false })).level).toBe('error');
    expect(finding('disk: cache', (facts) => Object.assign(facts.disk[1]!, { writable: false })).level).toBe('warning');
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [2 ** 27, '128 MiB'],
    [2 ** 32 - 1, '4.0 GiB'],
  ])('%i is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
