import { afterEach, beforeEach, vi } from 'vitest';

/** What console.log and console.error are given in the test that runs, a call each. stderr's progress is kept from the terminal. */
export function captureConsole(): { lines: string[]; errors: string[] } {
  const captured = { lines: [] as string[], errors: [] as string[] };
  beforeEach(() => {
    captured.lines = [];
    captured.errors = [];
    vi.spyOn(console, 'log').mockImplementation((line) => void captured.lines.push(line));
    vi.spyOn(console, 'error').mockImplementation((line) => void captured.errors.push(line));
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => void vi.restoreAllMocks());
  return captured;
}
