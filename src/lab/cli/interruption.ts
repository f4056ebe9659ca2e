import { AFTER_SIGNAL, STOPPED, TRY_AGAIN } from '../run/exit_codes.ts';

/** Milliseconds after a signal in which another is the same one: a terminal tells the whole process group, and launchers pass it on. */
const SAME_SIGNAL = 300;
/** Those that the system sends and that stop work; whether another one ends the process at once. A terminal that closes may tell several times. */
const SIGNALS = { SIGHUP: false, SIGINT: true, SIGTERM: true } as const;

/** Ends the half line of progress that a terminal may show, to which it has added ^C. */
const newLine = () => (process.stderr.isTTY ? '\n' : '');

/** Stops work under way, each as if its reader had left. */
const underWay = new Set<() => void>();

/**
 * Runs work with a signal that Ctrl-C, SIGTERM or SIGHUP (a terminal that was closed) aborts, and the end of its time, so that it can be saved; a
 * second Ctrl-C or SIGTERM ends the process at once.
 *
 * @param stopAfter seconds after which the work is stopped. Default: never.
 * @returns the exit code: the work's own, or where that was stopped 128 and the number of what stopped it, 75 of its time
 */
export async function untilInterrupted(
  work: (signal: AbortSignal) => Promise<number>,
  notice: string,
  stopAfter?: number,
): Promise<number> {
  const controller = new AbortController();
  let stoppedAt = Number.NEGATIVE_INFINITY;
  let stopped: number | undefined;
  /** By more than its own time. */
  let told = false;
  const stop = (code: number) => {
    stopped ??= code;
    told ||= code !== TRY_AGAIN;
    controller.abort();
  };
  const onTime = () => {
    if (controller.signal.aborted) return;
    console.error(`${newLine()}The time of --stop-after is over. ${notice}.`);
    stop(TRY_AGAIN);
  };
  const timer = stopAfter === undefined ? undefined : setTimeout(onTime, stopAfter * 1000).unref();
  const onSignal = (name: keyof typeof SIGNALS) => {
    if (performance.now() - stoppedAt < SAME_SIGNAL) return;
    // Not where time alone has stopped it: a scheduler's SIGTERM may follow, and is to let it save.
    if (told) {
      if (SIGNALS[name]) process.exit(AFTER_SIGNAL[name]);
      return;
    }
    stoppedAt = performance.now();
    console.error(`${newLine()}${notice}; once more to stop at once.`);
    stop(AFTER_SIGNAL[name]);
  };
  const readerGone = () => {
    if (!controller.signal.aborted) stop(AFTER_SIGNAL.SIGPIPE);
  };
  const names = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[];
  for (const name of names) process.on(name, onSignal);
  underWay.add(readerGone);
  try {
    const code = await work(controller.signal);
    return code === STOPPED ? (stopped ?? code) : code;
  } finally {
    clearTimeout(timer);
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
