import type { FromWorker, RequestName, Requests, ToWorker } from '../protocol.ts';

/** What of a worker's surroundings is used. */
interface WorkerScope {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

export const scope = globalThis as unknown as WorkerScope;

export type Handlers = { [K in RequestName]: (what: Requests[K][0]) => Requests[K][1] | Promise<Requests[K][1]> };

/** A sentence on what went wrong. */
export const sentenceOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Answers the page's requests by handlers; those that are seldom asked for are loaded when one is. */
export function serve<K extends RequestName>(
  handlers: Omit<Handlers, K>,
  loadSeldom: () => Promise<Pick<Handlers, K>>,
): void {
  scope.onmessage = async ({ data: { id, name, what } }) => {
    try {
      const held = Object.hasOwn(handlers, name) ? handlers : await loadSeldom();
      const handler = (held as Handlers)[name] as (what: unknown) => unknown;
      scope.postMessage({ id, answer: await handler(what) } as FromWorker);
    } catch (error) {
      console.warn(error);
      scope.postMessage({ id, fault: sentenceOf(error) });
    }
  };
}

/** One thing after the other: what is given runs when all that was given before is done. */
export class Lock {
  #last: Promise<unknown> = Promise.resolve();

  run<R>(work: () => R | Promise<R>): Promise<R> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}
