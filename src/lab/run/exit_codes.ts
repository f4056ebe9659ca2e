/** What the program's process ends with. */
export const DONE = 0;
/** A failure that is not the user's. */
export const FAILED = 1;
/** A mistake of the user's. */
export const USAGE = 2;
/** As `sysexits.h` has it for what may be tried again later: another process works in the folder, or the time of `--stop-after` is over. */
export const TRY_AGAIN = 75;
/** What a command ends with that was stopped. The command line makes of it 128 and the number of the signal that stopped it. */
export const STOPPED = 130;
/** What the process ends with after a signal, as shells have it: 128 and the signal's number. */
export const AFTER_SIGNAL = { SIGHUP: 129, SIGINT: STOPPED, SIGPIPE: 141, SIGTERM: 143 } as const;
