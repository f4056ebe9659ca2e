import type { CommandStream } from './command_stream.ts';
import { type Memory, MemoryPool } from './memory_pool.ts';

const MAP_READ = 0x01;
const COPY_DST = 0x08;

/** Brings device memory to the host, through staging buffers that are used again. */
export class ReadBack {
  #stream: CommandStream;
  #staging: MemoryPool;
  #wait: <T>(pending: Promise<T>) => Promise<T>;

  constructor(device: GPUDevice, stream: CommandStream, wait: <T>(pending: Promise<T>) => Promise<T>) {
    this.#stream = stream;
    this.#wait = wait;
    this.#staging = new MemoryPool((size) =>
      device.createBuffer({ label: 'staging', size, usage: MAP_READ | COPY_DST }),
    );
  }

  /** Sends the work gathered so far, waits for it, and copies the first bytes of some memory. Rejects where the device fails. */
  async read({ buffer, offset }: Memory, bytes: number): Promise<ArrayBuffer> {
    // Ranges of a mapping come in eights.
    const mapped = Math.max(8, Math.ceil(bytes / 8) * 8);
    const memory = this.#staging.acquire(mapped);
    const staging = memory.buffer;
    // Copies are of whole words.
    if (bytes > 0) this.#stream.copy(buffer, offset, staging, 0, Math.ceil(bytes / 4) * 4);
    this.#stream.flush();
    this.#stream.counters.readbacks++;
    await this.#wait(staging.mapAsync(1, 0, mapped)); // GPUMapMode.READ
    const copy = staging.getMappedRange(0, mapped).slice(0, bytes);
    staging.unmap();
    this.#staging.release(memory);
    return copy;
  }
}
