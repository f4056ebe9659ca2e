import { isDiskFault } from '../../node/atomic_file.ts';
import { DeviceError, OutOfMemoryError } from '../../runtime/errors.ts';

/** Commands by the error that ended a run which they go on with. */
const ways = new WeakMap<object, string>();

/**
 * Notes with what command a run goes on from its last checkpoint, where it was ended by a device that is lost, by memory or by a disk. Returns the error,
 * to be thrown.
 */
export function goesOnWith(error: unknown, command: string): unknown {
  const isOutside = error instanceof DeviceError || error instanceof OutOfMemoryError || isDiskFault(error);
  if (isOutside) ways.set(error as object, command);
  return error;
}

/** What a run's error says, with the command that goes on where there is one. */
export function sentenceWithWayOn(error: Error): string {
  const way = ways.get(error);
  if (way === undefined) return error.message;
  const whole = error.message.replace(/\.$/, '');
  // Of memory its advice counts: the same again may meet the same end. Else the command is the advice.
  const said = error instanceof OutOfMemoryError ? whole : whole.replace(/; [^;]*$/, '');
  return `${said}; go on from the last checkpoint with: ${way}`;
}
