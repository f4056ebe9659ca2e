import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { ownProgram } from '../../node/own_program.ts';
import type { AdapterSurvey } from './facts.ts';

/** A cold driver answers within seconds; a minute means that it hangs. */
const TIMEOUT_MS = 60_000;

/** How a child process ended. */
export interface Ending {
  status: number | null;
  signal: NodeJS.Signals | null;
  timedOut: boolean;
  stdout: string;
  stderr: string;
}

/**
 * Asks Dawn for its adapters, in a child process, so that a driver that crashes or hangs becomes a finding.
 *
 * @param program arguments of Node.js that run the program to ask, for tests; it prints one line of JSON
 */
export async function surveyAdapters(
  program = ownProgram('./adapter_survey', import.meta.url),
  timeoutMs = TIMEOUT_MS,
): Promise<AdapterSurvey> {
  const child = spawn(process.execPath, program, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Mesa complains where this is not set.
    env: { XDG_RUNTIME_DIR: tmpdir(), ...process.env },
  });
  let stdout = '';
  let stderr = '';
  let timedOut = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A driver that hangs may not heed a polite signal.
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  const ending = await new Promise<Ending>((resolve) => {
    child.on('error', (error) => resolve({ status: null, signal: null, timedOut, stdout, stderr: error.message }));
    child.on('close', (status, signal) => resolve({ status, signal, timedOut, stdout, stderr }));
  });
  clearTimeout(timer);
  return readSurvey(ending);
}

/** Reads what the child process left. */
function readSurvey({ status, signal, timedOut, stdout, stderr }: Ending): AdapterSurvey {
  // Dawn is asked several times and says the same each time, with places in its own sources that tell a user nothing.
  const lines = stderr.split('\n').map((line) => line.trim());
  const log = [...new Set(lines)].filter((line) => line !== '' && !line.startsWith('at '));
  const failed = (problem: string): AdapterSurvey => ({ adapters: [], problem, log });
  if (timedOut) return failed('the graphics driver did not answer in time and seems to hang');
  const answer = parseAnswer(stdout);
  if (answer?.error !== undefined) return failed(`the npm package webgpu failed: ${answer.error}`);
  if (signal !== null || status !== 0 || answer?.adapters === undefined) {
    return failed(
      signal === null
        ? `the question to Dawn ended with exit code ${status} and no answer`
        : `Dawn crashed (signal ${signal}) while it opened the graphics drivers`,
    );
  }
  return { adapters: answer.adapters, problem: null, log };
}

function parseAnswer(stdout: string): { adapters?: AdapterSurvey['adapters']; error?: string } | null {
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  try {
    return line === undefined ? null : JSON.parse(line);
  } catch {
    return null;
  }
}
