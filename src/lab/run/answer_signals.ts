import { setImmediate } from 'node:timers/promises';

/**
 * Lets the process hear of what came while it computed, such as Ctrl-C. To be awaited between pieces of work that does not wait for the device.
 * Throws the signal's reason where it is aborted.
 */
export async function answerSignals(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}
