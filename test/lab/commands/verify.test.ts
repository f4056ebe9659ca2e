import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { checkConformance } from '../../../src/inspect/conformance/conformance.ts';
import { runVerify } from '../../../src/lab/commands/verify.ts';
import { verificationOf } from '../../../src/lab/run/verification.ts';
import { openDevice } from '../../../src/node.ts';
import { CORRUPTED, corruptedShaders } from '../../inspect/conformance/corrupted_kernels.ts';
import { captureConsole } from './captured_console.ts';

// The command with few checks, on a device of the test's.
vi.mock('../../../src/inspect/conformance/conformance.ts', async (original) => {
  const real = await original<typeof import('../../../src/inspect/conformance/conformance.ts')>();
  return { ...real, checkConformance: vi.fn() };
});
const { checkConformance: check } = await vi.importActual<
  typeof import('../../../src/inspect/conformance/conformance.ts')
>('../../../src/inspect/conformance/conformance.ts');

const captured = captureConsole();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wgrad-verify-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

it.each([
  { name: 'right', some: [], code: 0 },
  { name: 'wrong', some: CORRUPTED.filter(({ shader }) => shader === 'one_hot'), code: 1 },
])('prints, writes and keeps what was found: $name', async ({ some, code }) => {
  vi.mocked(checkConformance).mockImplementation((options) => {
    const open: typeof options.open = (given) => openDevice({ ...given, shaders: corruptedShaders(some) });
    return check({ ...options, open, only: ['softmax_loss'] });
  });
  const out = join(folder, 'reports');
  expect(await runVerify({ out, quick: true })).toBe(code);
  expect(captured.lines.join('\n')).toContain(
    code === 0 ? 'It computes rightly.' : 'one_hot: refused, as it has no other version',
  );
  const [file] = await readdir(out);
  const report = JSON.parse(await readFile(join(out, file), 'utf8'));
  expect(file).toBe(
    `verify-${report.adapter.description
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/-$/, '')}.json`,
  );
  expect(report).toMatchObject({ schema: 1, passed: code === 0, quick: true });
  expect(Object.keys(report)).toEqual(expect.arrayContaining(['wgrad', 'node', 'webgpu', 'platform', 'at', 'adapter']));
  expect(await verificationOf(report.adapter)).toMatchObject({ passed: code === 0, faults: report.faults });
});

it('a quick look that finds nothing says what a whole check found, which stays unused', async () => {
  const oneHot = CORRUPTED.filter(({ shader }) => shader === 'one_hot');
  const checkOn = (some: typeof CORRUPTED) =>
    vi.mocked(checkConformance).mockImplementation((options) => {
      const open: typeof options.open = (given) => openDevice({ ...given, shaders: corruptedShaders(some) });
      return check({ ...options, open, only: ['softmax_loss'] });
    });
  checkOn(oneHot);
  expect(await runVerify({ out: folder })).toBe(1);
  checkOn([]);
  expect(await runVerify({ out: folder, quick: true })).toBe(0);
  expect(captured.errors.join('\n')).toMatch(/^Not used all the same: one_hot, as a whole check found on 20\d\d-/m);
  captured.errors.length = 0;
  expect(await runVerify({ out: folder })).toBe(0);
  expect(captured.errors.join('\n')).not.toContain('Not used');
});

it('prints one JSON object where it is asked for', async () => {
  vi.mocked(checkConformance).mockImplementation((options) => check({ ...options, only: ['running_metrics'] }));
  expect(await runVerify({ out: folder, json: true })).toBe(0);
  expect(JSON.parse(captured.lines.join('\n'))).toMatchObject({ passed: true, quick: false });
});
