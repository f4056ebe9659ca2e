import { AFTER_SIGNAL, STOPPED } from '../run/exit_codes.ts';

/** Milliseconds after a signal in which another is the same one: a terminal tells the whole process group, and launchers pass it on. */
const SAME_SIGNAL = 300;
/** Those that the system sends and that stop work; whether another one ends the process at once. A terminal that closes may tell several times. */
const SIGNALS = { SIGHUP: false, SIGINT: true, SIGTERM: true } as const;

/** Stops work under way, each as if its reader had left. */
const underWay = new Set<() => void>();

/**
 * Runs work with a signal that Ctrl-C, SIGTERM or SIGHUP (a terminal that was closed) aborts, so that it can be saved; a second Ctrl-C or SIGTERM
 * ends the process at once. Returns the exit code: the work's own, or where that was stopped 128 and the number of what stopped it.
 */
export async function untilInterrupted(
  work: (signal: AbortSignal) => Promise<number>,
  notice: string,
): Promise<number> {
  const controller = new AbortController();
  let stoppedAt = Number.NEGATIVE_INFINITY;
  let stopped: number = STOPPED;
  const stop = (name: keyof typeof AFTER_SIGNAL) => {
    stopped = AFTER_SIGNAL[name];
    controller.abort();
  };
  const onSignal = (name: keyof typeof SIGNALS) => {
    if (performance.now() - stoppedAt < SAME_SIGNAL) return;
    if (controller.signal.aborted) {
      if (SIGNALS[name]) process.exit(AFTER_SIGNAL[name]);
      return;
    }
    stoppedAt = performance.now();
    // A terminal may show half a line of progress, and has added ^C to it.
    const newLine = process.stderr.isTTY ? '\n' : '';
    console.error(`${newLine}${notice}; once more to stop at once.`);
    stop(name);
  };
  const readerGone = () => {
    if (!controller.signal.aborted) stop('SIGPIPE');
  };
  const names = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[];
  for (const name of names) process.on(name, onSignal);
  underWay.add(readerGone);
  try {
    const code = await work(controller.signal);
    return code === STOPPED ? stopped : code;
  } finally {
    underWay.delete(readerGone);
    for (const name of names) process.off(name, onSignal);
  }
}

/** Stops and saves what is under way, as nobody reads what it prints. Returns whether there was anything. */
export function stopUnread(): boolean {
  for (const stop of underWay) stop();
  return underWay.size > 0;
}

/** What a command says that saves its work. */
export const SAVING = 'Stopping after the step under way and saving';
