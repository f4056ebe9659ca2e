import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatDuration, Progress, progressLine } from '../../../src/lab/terminal/progress.ts';

describe('formatDuration', () => {
  it.each([
    [0, '0 s'],
    [47.6, '48 s'],
    [59.6, '1 min 00 s'],
    [200, '3 min 20 s'],
    [3599.7, '1 h 00 min'],
    [7500, '2 h 05 min'],
    [Number.NaN, '?'],
    [Number.POSITIVE_INFINITY, '?'],
  ])('%d is %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe('progressLine', () => {
  const details = ['epoch 2/15', 'loss 2.334', 'accuracy 9.0 %', '1240 images/s', '57 %'];
  const line = (columns: number, fraction = 0.5) =>
    progressLine(columns, { title: 'ps1', fraction, details, end: '4 min left' });

  it('leaves room for ^C before the last column, whatever the width', () => {
    for (let columns = 1; columns <= 200; columns++)
      expect(line(columns).length).toBeLessThanOrEqual(Math.max(0, columns - 3));
  });

  it('shows all details and a bar of 24 where there is room', () => {
    expect(line(140)).toBe(
      `ps1 ${'█'.repeat(12)}${'░'.repeat(12)} epoch 2/15  loss 2.334  accuracy 9.0 %  1240 images/s  57 %  4 min left`,
    );
  });

  it('has a bar and every detail but the percentage at 80 columns', () => {
    expect(line(80)).toBe('ps1 ███░░░░ epoch 2/15  loss 2.334  accuracy 9.0 %  1240 images/s  4 min left');
  });

  it('leaves out the last details first where it is narrow, and the bar at the end', () => {
    expect(line(60)).toMatch(/^ps1 [█░]+ epoch 2\/15 {2}loss 2\.334 {2}4 min left$/);
    expect(line(20)).toBe('ps1 4 min left');
  });

  it('fills the bar by the fraction done', () => {
    const filled = (fraction: number) => (line(140, fraction).match(/█/g) ?? []).length;
    expect([0, 0.5, 0.999, 1, 1.2].map(filled)).toEqual([0, 12, 23, 24, 24]);
  });
});

describe('Progress', () => {
  let written: string[];
  beforeEach(() => {
    written = [];
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => void vi.useRealTimers());

  function progress(total: number, { isTTY = false, columns = 80 } = {}): Progress {
    const write = (text: string) => {
      written.push(text);
      return true;
    };
    return new Progress('ps1', total, { isTTY, columns, write } as unknown as NodeJS.WriteStream);
  }

  it('writes a plain line at most every ten seconds where there is no terminal, and one at the end', () => {
    const work = progress(100);
    for (let done = 1; done <= 100; done++) {
      vi.advanceTimersByTime(500);
      work.update(done, [`loss ${done}`]);
    }
    work.stop();
    expect(written).toEqual([
      'ps1: 1 %  loss 1\n',
      'ps1: 21 %  loss 21  40 s left\n',
      'ps1: 41 %  loss 41  30 s left\n',
      'ps1: 61 %  loss 61  20 s left\n',
      'ps1: 81 %  loss 81  10 s left\n',
      'ps1: 100 %  loss 100  in 50 s\n',
    ]);
  });

  it('redraws one line on a terminal, at most ten times a second, and ends it', () => {
    const work = progress(1000, { isTTY: true });
    for (let done = 1; done <= 1000; done++) {
      vi.advanceTimersByTime(10);
      work.update(done, ['x']);
    }
    expect(written.length).toBeGreaterThan(90);
    expect(written.length).toBeLessThan(110);
    for (const text of written) {
      // To the line's beginning, the text, clear the rest.
      expect([text[0], text.slice(-3)]).toEqual(['\r', '\x1b[K']);
      expect(text.slice(1, -3)).toMatch(/^[^\r\n]{1,79}$/);
    }
    expect(written.at(-1)).toContain(`${'█'.repeat(24)} x  100 %  in 10 s`);
    work.stop();
    work.stop();
    expect(written.filter((text) => text === '\n')).toHaveLength(1);
  });

  it('follows the width of the terminal', () => {
    for (const columns of [40, 80, 120]) {
      progress(10, { isTTY: true, columns }).update(3, ['epoch 1/2', 'loss 1.234', 'accuracy 50.0 %', '9 images/s']);
      expect(written.at(-1)!.length).toBeLessThan(columns + '\r\x1b[K'.length);
    }
  });

  it('judges the time left by what it heard of, not by what was done or compiled before', () => {
    const work = progress(100);
    vi.advanceTimersByTime(60_000);
    work.update(91, []);
    expect(work.secondsEach).toBeUndefined();
    vi.advanceTimersByTime(30_000);
    work.update(92, []);
    expect(work.secondsEach).toBe(30);
    expect(written).toEqual(['ps1: 91 %\n', 'ps1: 92 %  4 min left\n']);
    vi.advanceTimersByTime(3_000_000);
    work.update(93, () => ['x']);
    expect(written[2]).toBe('ps1: 93 %  x  2.9 h left\n');
  });

  it('shows no time left where nothing was done yet, and nothing on stop if nothing was drawn', () => {
    const work = progress(100);
    work.update(50, []);
    expect(written).toEqual(['ps1: 50 %\n']);
    progress(5, { isTTY: true }).stop();
    expect(written).toHaveLength(1);
  });
});
