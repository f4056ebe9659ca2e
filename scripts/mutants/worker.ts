import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyTree } from './copied_tree.ts';
import type { Answer, Request } from './session.ts';

/** A copy of the checkout with a process that runs tests in it. */
export class Worker {
  #tree = mkdtempSync(join(tmpdir(), 'wgrad-mutants-'));
  #session: ChildProcess | undefined;

  constructor(root: string) {
    copyTree(root, this.#tree);
  }

  /**
   * Runs test files with another text in place of a file's own, each for so many seconds at most. Gives what failed first, '' where all passed, undefined
   * where one took too long.
   */
  async run(file: string, mutated: string, own: string, files: string[], seconds: number): Promise<string | undefined> {
    let failed: string | undefined = '';
    for (const test of files) {
      const session = await this.#open();
      writeFileSync(join(this.#tree, file), mutated);
      session.send({ files: [test], changed: [file] } satisfies Request);
      failed = await Promise.race([
        once(session, 'message').then(([answer]: Answer[]) => answer.failed),
        once(session, 'exit').then(() => `${test}: the process of the tests ended`),
        new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), seconds * 1000).unref()),
      ]);
      if (failed === undefined || session.exitCode !== null) this.#end();
      if (failed !== '') break;
    }
    writeFileSync(join(this.#tree, file), own);
    return failed;
  }

  async #open(): Promise<ChildProcess> {
    if (this.#session) return this.#session;
    // Detached, so that it can be ended together with the processes it started.
    this.#session = fork(join(import.meta.dirname, 'session.ts'), [this.#tree], {
      cwd: this.#tree,
      detached: true,
      // Two workers keep two cores busy; the driver's own threads would only stand in their way.
      env: { ...process.env, LP_NUM_THREADS: '0' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await once(this.#session, 'message');
    return this.#session;
  }

  #end(): void {
    const pid = this.#session?.pid;
    this.#session = undefined;
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }

  close(): void {
    this.#end();
    rmSync(this.#tree, { recursive: true, force: true });
  }
}
