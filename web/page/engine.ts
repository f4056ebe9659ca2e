import type { FromWorker, Report, RequestName, Requests, ToWorker } from '../protocol.ts';

/** The engine in its worker, as the page speaks to it. */
export class Engine {
  readonly #worker: Worker;
  readonly #open = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  #next = 0;

  constructor(onReport: (report: Report) => void) {
    this.#worker = startWorker();
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if ('report' in data) return onReport(data.report);
      const asked = this.#open.get(data.id);
      this.#open.delete(data.id);
      if ('fault' in data) asked?.reject(new Error(data.fault));
      else asked?.resolve(data.answer as never);
    };
    this.#worker.onerror = (event) =>
      onReport({ kind: 'trouble', sentence: `The engine did not start: ${event.message ?? 'its worker failed'}.` });
  }

  /** Asks the worker. Rejects with a sentence. */
  ask<K extends RequestName>(
    name: K,
    ...[what]: Requests[K][0] extends undefined ? [] : [what: Requests[K][0]]
  ): Promise<Requests[K][1]> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.#worker.postMessage({ id, name, what } as ToWorker);
    });
  }
}

/** In the page that is one file the worker's program stands in an element: from a file no other may be read. */
function startWorker(): Worker {
  const held = document.getElementById('held-engine');
  if (held === null) return new Worker(new URL('../engine/worker.ts', import.meta.url), { type: 'module' });
  const url = URL.createObjectURL(new Blob([held.textContent ?? ''], { type: 'text/javascript' }));
  return new Worker(url);
}

/** The packed digits: beside the page, or in it. */
export async function heldDigits(): Promise<ArrayBuffer> {
  const held = document.getElementById('held-digits');
  if (held === null) return (await fetch(new URL('digits.bin', document.baseURI))).arrayBuffer();
  const text = atob((held.textContent ?? '').trim());
  held.remove();
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0)).buffer;
}
