import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type DeviceStep, deviceReport, deviceSteps, type StepOutcome, timeFor } from '../../bench/device_steps.ts';

const steps = deviceSteps({ into: 'runs/device', adapter: 'hardware', dataDir: 'data' });
const step: DeviceStep = { name: 'one', what: 'a part', args: ['one.ts', '--x'], seconds: 60, least: 20 };

describe('deviceSteps', () => {
  it('begins with what is worth most, and runs programs that are there', () => {
    expect(steps.map(({ name }) => name).slice(0, 3)).toEqual(['verify', 'tune', 'benchmark']);
    expect(new Set(steps.map(({ name }) => name)).size).toBe(steps.length);
    for (const { args } of steps) expect(existsSync(args[0]), args[0]).toBe(true);
    expect(steps[steps.length - 1].args).toContain('--data-dir');
  });
});

describe('timeFor', () => {
  it('gives a step its time, what is left of it, or none where that is too little', () => {
    expect([1000, 60, 45, 20, 19, -3].map((left) => timeFor(step, left))).toEqual([
      60,
      60,
      45,
      20,
      undefined,
      undefined,
    ]);
  });
});

describe('deviceReport', () => {
  it('says how each step ended and what it printed, as a terminal shows it', () => {
    const ends: StepOutcome['end'][] = [0, 75, 'out of time', 'no time left', 3];
    const outcomes = ends.map((end, i) => ({ step: { ...step, name: `s${i}`, mayStop: i === 1 }, end, seconds: 1.4 }));
    const report = deviceReport(outcomes, ['a\n10 %\r20 %\r\x1b[32mall\x1b[39m\n', '', 'c', '', 'e'], '2026-01-02');
    expect(report).toContain('| s0 | a part | done | 1 s |');
    expect(report).toContain('| s1 | a part | stopped, to go on | 1 s |');
    expect(report).toContain('| s2 | a part | out of time | 1 s |');
    expect(report).toContain('| s3 | a part | no time left |  |');
    expect(report).toContain('| s4 | a part | exit code 3 | 1 s |');
    expect(report).toContain('## s0\n\n    one.ts --x\n\n```\na\nall\n```');
    expect(report).not.toContain('## s1');
  });
});
