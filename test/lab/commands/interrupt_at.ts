import { vi } from 'vitest';
import { BatchSource } from '../../../src/data/batch_source.ts';

/** Presses Ctrl-C while step `step` (from 1) of a training is put together, until what it gives is called. */
export function interruptAt(step: number): () => void {
  const { augmented } = BatchSource.prototype;
  let steps = 0;
  const spy = vi.spyOn(BatchSource.prototype, 'augmented').mockImplementation(function (this: BatchSource, ...args) {
    if (++steps === step) process.emit('SIGINT', 'SIGINT');
    return augmented.apply(this, args);
  });
  return () => spy.mockRestore();
}
