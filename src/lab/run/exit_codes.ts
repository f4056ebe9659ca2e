/** What the program's process ends with. */
export const DONE = 0;
/** A failure that is not the user's. */
export const FAILED = 1;
/** A mistake of the user's. */
export const USAGE = 2;
/** After Ctrl-C, as shells have it. */
export const STOPPED = 130;
