/** Part of the time waited so far that one sleep may take: what is waited for is noticed that much late at most. */
const SHARE = 1 / 16;
/** Milliseconds of a sleep. */
const SHORTEST = 0.05;
const LONGEST = 2;

const cell = new Int32Array(new SharedArrayBuffer(4));
let waiting = 0;
let turning = false;
let since = 0;

/** Sleeps a little in every turn of the event loop for as long as somebody waits. */
function turn(): void {
  if (waiting === 0) {
    turning = false;
    return;
  }
  const sleep = Math.min(LONGEST, Math.max(SHORTEST, (performance.now() - since) * SHARE));
  Atomics.wait(cell, 0, 0, sleep);
  setImmediate(turn);
}

/**
 * Lets the processor rest while a promise of Dawn's is pending. Dawn under Node polls its device in every turn of the event loop, as fast as it
 * can turn: a whole core's work, which a software driver needs for the kernels themselves.
 */
export async function waitUnhurried<T>(pending: Promise<T>): Promise<T> {
  since = performance.now();
  waiting++;
  if (!turning) {
    turning = true;
    setImmediate(turn);
  }
  try {
    return await pending;
  } finally {
    waiting--;
    since = performance.now();
  }
}
