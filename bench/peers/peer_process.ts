import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** Windows has no signal that halts a process. */
const CAN_HALT = process.platform !== 'win32';

/**
 * A system in a process of its own. Between its turns it is halted where the operating system can do that: a process with an open WebGPU
 * device polls it without rest and would take a core from the others.
 */
export class PeerProcess {
  readonly #process: ChildProcess;
  readonly #lines: Interface;
  readonly #replies: AsyncIterator<string>;
  #diagnostics = '';

  constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.stderr?.on('data', (text) => {
      this.#diagnostics = `${this.#diagnostics}${text}`.slice(-2000);
    });
    this.#lines = createInterface({ input: this.#process.stdout! });
    this.#replies = this.#lines[Symbol.asyncIterator]();
  }

  /** Sends a request and waits for the answer. Throws what the system reports, or that it ended. */
  async ask<R extends object>(request: object): Promise<R> {
    if (CAN_HALT) this.#process.kill('SIGCONT');
    this.#process.stdin?.write(`${JSON.stringify(request)}\n`);
    // Libraries print greetings; an answer is a line of JSON.
    let answer: IteratorResult<string>;
    do answer = await this.#replies.next();
    while (!answer.done && !answer.value.startsWith('{'));
    if (answer.done) throw new Error(`the process ended; its last words: ${this.#diagnostics.trim()}`);
    const reply = JSON.parse(answer.value) as R | { error: string };
    if ('error' in reply) throw new Error(String(reply.error));
    if (CAN_HALT) this.#process.kill('SIGSTOP');
    return reply;
  }

  /** Ends the process. */
  close(): void {
    if (CAN_HALT) this.#process.kill('SIGCONT');
    this.#process.stdin?.end();
    this.#process.kill('SIGTERM');
  }
}
