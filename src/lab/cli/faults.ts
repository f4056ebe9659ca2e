import { FolderInUse } from '../../node/folder_lock.ts';
import { DeviceError, OutOfMemoryError, UserError } from '../../runtime/errors.ts';
import { FAILED, TRY_AGAIN, USAGE } from '../run/exit_codes.ts';
import { sentenceWithWayOn } from '../run/way_on.ts';

/** Option that shows where a failure came from. */
export const DEBUG = '--debug';

/** What a command ends with that failed. */
interface Ending {
  exitCode: number;
  /** One line. */
  sentence: string;
}

/** One line of a text, whatever stands in it. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** The sentence and the exit code of whatever was thrown: of all that ends a command before its time. */
function endingOf(error: unknown): Ending {
  if (error instanceof FolderInUse) return { exitCode: TRY_AGAIN, sentence: oneLine(error.message) };
  if (error instanceof UserError) return { exitCode: USAGE, sentence: oneLine(sentenceWithWayOn(error)) };
  if (error instanceof DeviceError || error instanceof OutOfMemoryError) {
    return { exitCode: FAILED, sentence: oneLine(sentenceWithWayOn(error)) };
  }
  const what = oneLine(error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  const { syscall } = (error ?? {}) as NodeJS.ErrnoException;
  const whose = syscall === undefined ? 'A defect of wgrad itself stopped it' : 'The system refused what was needed';
  return { exitCode: FAILED, sentence: `${whose}: ${what || 'nothing is known of it'}; ${DEBUG} shows where.` };
}

/** Prints what ended a command, for developers with the place where it happened. Returns the exit code. */
export function reportFault(error: unknown, args: readonly string[]): number {
  const { exitCode, sentence } = endingOf(error);
  console.error(`wgrad: ${sentence}`);
  if (args.includes(DEBUG)) console.error(error);
  return exitCode;
}

/** Has the process end with a sentence also where an error was thrown that no command waits for. */
export function endOnFaults(args: readonly string[]): void {
  const end = (error: unknown) => process.exit(reportFault(error, args));
  process.on('uncaughtException', end).on('unhandledRejection', end);
}
