import { STOPPED } from '../run/exit_codes.ts';

/** Milliseconds after a signal in which another is the same one: a terminal tells the whole process group, and launchers pass it on. */
const SAME_SIGNAL = 300;

/** Runs work with a signal that the first Ctrl-C aborts, so that it can be saved; a second one ends the process at once. */
export async function untilInterrupted<R>(work: (signal: AbortSignal) => Promise<R>, notice: string): Promise<R> {
  const controller = new AbortController();
  let stoppedAt = Number.NEGATIVE_INFINITY;
  const stop = () => {
    if (performance.now() - stoppedAt < SAME_SIGNAL) return;
    if (controller.signal.aborted) process.exit(STOPPED);
    stoppedAt = performance.now();
    // A terminal may show half a line of progress, and has added ^C to it.
    const newLine = process.stderr.isTTY ? '\n' : '';
    console.error(`${newLine}${notice}; once more to stop at once.`);
    controller.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** What a command says that saves its work. */
export const SAVING = 'Stopping after the step under way and saving';
