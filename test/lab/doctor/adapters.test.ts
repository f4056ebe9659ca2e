import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { surveyAdapters } from '../../../src/lab/doctor/adapters.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-survey-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

function surveyWith(text: string, timeoutMs?: number) {
  const path = join(folder, 'program.mjs');
  writeFileSync(path, text);
  return surveyAdapters([path], timeoutMs);
}

describe('surveyAdapters', () => {
  it('describes the adapters of this machine and says which one the lab takes', async () => {
    const { adapters, problem } = await surveyAdapters();
    expect(problem).toBeNull();
    expect(adapters.filter(({ chosen }) => chosen)).toHaveLength(1);
    const chosen = adapters.find((adapter) => adapter.chosen)!;
    expect(chosen.problem).toBeNull();
    expect(chosen.description).toMatch(/\w/);
    // What WebGPU guarantees everywhere.
    expect(chosen.limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(128);
    expect(chosen.limits.maxStorageBufferBindingSize).toBeGreaterThanOrEqual(2 ** 27);
    expect(chosen.subgroupSizes !== null).toBe(chosen.features.includes('subgroups'));
  });

  it.runIf(process.platform === 'linux')('finds none without a driver, and keeps what the loader said', async () => {
    vi.stubEnv('VK_DRIVER_FILES', join(folder, 'no_such_driver.json'));
    const { adapters, problem, log } = await surveyAdapters();
    expect({ adapters, problem }).toEqual({ adapters: [], problem: null });
    expect(log.join('\n')).toMatch(/vulkan|vkCreateInstance|driver/i);
  });

  it('turns a crash into a problem', async () => {
    const { adapters, problem } = await surveyWith(`process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000)`);
    expect(adapters).toEqual([]);
    expect(problem).toContain('SIGSEGV');
  });

  it('ends a survey that hangs', async () => {
    const { problem } = await surveyWith(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`, 500);
    expect(problem).toContain('hang');
  });

  it('passes on an error of the package', async () => {
    const { problem, log } = await surveyWith(
      `console.error('a clue\\n  at source.cpp:1\\na clue'); console.log('{"error":"no such module"}')`,
    );
    expect(problem).toBe('the npm package webgpu failed: no such module');
    expect(log).toEqual(['a clue']);
  });

  it('does not take silence for an answer', async () => {
    const { problem } = await surveyWith('process.exitCode = 3');
    expect(problem).toContain('exit code 3');
  });
});
