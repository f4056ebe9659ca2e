import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ConformanceReport } from '../../../src/inspect/conformance/conformance.ts';
import { programVersions } from '../../../src/lab/run/run_environment.ts';
import { applyVerification, keepVerification, shortened, verificationOf } from '../../../src/lab/run/verification.ts';
import type { Gpu } from '../../../src/runtime/gpu.ts';
import { NO_FAULTS, uniformTable } from '../../../src/runtime/rungs.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'wgrad-verified-'));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});
const environment = () => ({ variables: { XDG_CACHE_HOME: home }, platform: 'linux', home }) as const;

const adapter = {
  ...{ vendor: 'v', architecture: 'a', device: 'd', description: 'card', software: false },
  subgroupSizes: [32, 32] as const,
};
const device = (description = 'card') =>
  ({ adapter: { ...adapter, description }, rungs: uniformTable('tiled'), knownFaults: NO_FAULTS }) as unknown as Gpu;

const report = (changes: Partial<ConformanceReport>): ConformanceReport => ({
  ...{ schema: 1, passed: true, quick: false, adapter, arrayBytes: 2 ** 27, rungs: ['naive', 'tiled'], results: 9 },
  ...{ seconds: 1, kernels: [], gradients: [], steps: [], limits: [], faults: NO_FAULTS },
  ...changes,
});

const wrong = report({
  passed: false,
  kernels: [
    { shader: 'conv2d_tiled', passed: false, results: 3, wrong: 2, error: 0.1, smallest: null },
    { shader: 'add', passed: true, results: 3, wrong: 0, error: 0.1, smallest: null },
  ],
  gradients: [{ name: 'relu', passed: false, error: 3, detail: '' }],
  faults: { rungs: { conv2d: ['tiled'] }, shaders: ['relu'] },
});

async function applied(gpu: Gpu): Promise<string[]> {
  const said: string[] = [];
  await applyVerification(gpu, { say: (text) => said.push(text), environment: environment() });
  return said;
}

it('says so of an adapter that was never verified, and changes nothing', async () => {
  await keepVerification(report({}), environment());
  const gpu = device('another card');
  expect(await applied(gpu)).toEqual([
    'This adapter was never verified: `npx wgrad verify --quick` looks in under a minute whether it computes rightly.',
  ]);
  expect(gpu.knownFaults).toBe(NO_FAULTS);
});

it('says nothing of one that computes rightly', async () => {
  await keepVerification(report({}), environment());
  expect(await applied(device())).toEqual([]);
  expect(await verificationOf(adapter, environment())).toMatchObject({
    ...{ wgrad: programVersions().wgrad, passed: true, wrong: [] },
  });
});

it('keeps a device from what is wrong, in its table of rungs too', async () => {
  await keepVerification(wrong, environment());
  const gpu = device();
  expect(await applied(gpu)).toEqual([
    'This adapter failed `wgrad verify` (conv2d_tiled, relu); what is wrong is not used.',
  ]);
  expect(gpu.knownFaults).toEqual({ rungs: { conv2d: ['tiled'] }, shaders: ['relu'] });
  expect(gpu.rungs).toEqual({ ...uniformTable('tiled'), conv2d: 'blocked' });
  // What was found last counts.
  await keepVerification(report({}), environment());
  expect(await applied(device())).toEqual([]);
});

it('a quick look adds to what a whole check found, and clears nothing of it', async () => {
  await keepVerification(wrong, environment());
  const known = await keepVerification(
    report({
      quick: true,
      passed: false,
      faults: { rungs: { conv2d: ['tiled', 'naive'], matmul: ['tiled'] }, shaders: [] },
    }),
    environment(),
  );
  const faults = { rungs: { conv2d: ['tiled', 'naive'], matmul: ['tiled'] }, shaders: ['relu'] };
  expect(known).toMatchObject({ quick: false, passed: false, wrong: ['conv2d_tiled', 'relu'], faults });
  expect(await keepVerification(report({ quick: true }), environment())).toEqual(known);
  expect(await verificationOf(adapter, environment())).toEqual(known);
  // What everything was checked for counts alone, and so does a look after a look.
  await keepVerification(report({}), environment());
  expect(await keepVerification(report({ quick: true, passed: false }), environment())).toMatchObject({
    quick: false,
    passed: false,
  });
  await keepVerification({ ...wrong, quick: true, adapter: { ...adapter, description: 'another' } }, environment());
  const another = { ...adapter, description: 'another' };
  expect(await keepVerification(report({ quick: true, adapter: another }), environment())).toMatchObject({
    passed: true,
  });
});

it('what another version of the program found counts no more', async () => {
  await keepVerification(wrong, environment());
  const file = join(home, 'wgrad', 'verified.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(`"wgrad": "${programVersions().wgrad}"`, '"wgrad": "0.0.1"'));
  expect(await keepVerification(report({ quick: true }), environment())).toMatchObject({
    quick: true,
    passed: true,
    wrong: [],
  });
});

it('each command keeps its device from what is wrong, but for those that look at every version, or compute nothing', () => {
  const commands = new URL('../../../src/lab/commands/', import.meta.url);
  const without = readdirSync(commands).filter((file) => {
    const text = readFileSync(new URL(file, commands), 'utf8');
    return text.includes('openDevice(') && !text.includes('await applyVerification(gpu');
  });
  expect(without).toEqual(['benchmark.ts', 'export.ts', 'gradcheck.ts', 'ladder.ts', 'learn.ts', 'verify.ts']);
});

it('shortens a long list', () => {
  expect(shortened(['a', 'b'])).toBe('a, b');
  expect(shortened([...'abcdefg'])).toBe('a, b, c, d, e and 2 more');
});
