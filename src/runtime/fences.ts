import type { CommandStream } from './command_stream.ts';
import { DeviceError } from './errors.ts';
import type { DeviceArray } from './gpu.ts';
import { Memory } from './memory_pool.ts';
import type { PipelineCache } from './pipeline_cache.ts';
import type { ReadBack } from './read_back.ts';

/** Bytes of known words before an array, where a binding may begin on every adapter, and at least so many behind it. */
export const FENCE_BEFORE = 256;
export const FENCE_BEHIND = 4096;

/** An array that has a fence. */
interface Fenced {
  number: number;
  /** What a kernel may touch: the elements, rounded up to whole vec4s. */
  bytes: number;
}

/**
 * Known words before and behind each array, written when it is made and compared when its memory returns or on demand: a kernel that writes outside of
 * its arrays is found out. An array is bound together with the words behind it, so that a write there arrives even where the driver drops what lies
 * outside of a binding; one further off arrives at the last of these words where the driver moves it to the binding's end. For tests.
 */
export class Fences {
  #stream: CommandStream;
  #pipelines: PipelineCache;
  #readBack: ReadBack;
  #live = new Map<Memory, Fenced>();
  /** What each array since the last check is called, by its number. */
  #names = new Map<number, string>();
  #made = 0;
  #found: Memory;

  constructor(device: GPUDevice, stream: CommandStream, pipelines: PipelineCache, readBack: ReadBack) {
    this.#stream = stream;
    this.#pipelines = pipelines;
    this.#readBack = readBack;
    const usage = 0x80 | 0x08 | 0x04; // STORAGE | COPY_DST | COPY_SRC
    this.#found = new Memory(device.createBuffer({ label: 'fences', size: 256, usage }), 256, -1);
  }

  /** Writes the words around a new array. */
  raise({ memory, length, bytes, origin }: DeviceArray): void {
    const fenced = { number: this.#made++, bytes };
    this.#live.set(memory.root, fenced);
    this.#names.set(fenced.number, `'${origin}' of ${length} elements`);
    this.#write(memory.root, fenced);
  }

  /** Binds the words behind an array with it. Parts of an array have none of their own. */
  widen(memories: readonly Memory[], sizes: number[]): void {
    for (let i = 0; i < memories.length; i++) {
      const { root, offset } = memories[i];
      if (offset === FENCE_BEFORE && this.#live.get(root)?.bytes === sizes[i]) sizes[i] = root.size - FENCE_BEFORE;
    }
  }

  /** Compares the words around an array whose memory returns. */
  lower(root: Memory): void {
    const fenced = this.#live.get(root);
    if (fenced === undefined) return;
    this.#live.delete(root);
    this.#compare(root, fenced);
  }

  /** Compares the words around all arrays. Throws DeviceError where some were overwritten, since the last check: by how many, and around which array. */
  async check(): Promise<void> {
    for (const [root, fenced] of this.#live) this.#compare(root, fenced);
    const [count, number, word] = new Uint32Array(await this.#readBack.read(this.#found, 12));
    const name = this.#names.get(number);
    this.#names.clear();
    for (const [, fenced] of this.#live) this.#names.set(fenced.number, 'an array made before');
    if (count === 0) return;
    // What was found is said once.
    this.#stream.upload(this.#found, new Uint32Array(3));
    for (const [root, fenced] of this.#live) this.#write(root, fenced);
    throw new DeviceError(
      `A kernel wrote outside of its arrays: ${count} words around them were overwritten, first that of index ${word - FENCE_BEFORE / 4} of ${name}.`,
    );
  }

  #write(root: Memory, fenced: Fenced): void {
    const kernel = this.#pipelines.get('fence');
    const params = wordsOf(root, fenced);
    this.#stream.dispatch(kernel, [root], [root.size], params, ...gridOf(root), { flops: 0 });
  }

  #compare(root: Memory, fenced: Fenced): void {
    const kernel = this.#pipelines.get('fence_check');
    const params = { ...wordsOf(root, fenced), number: fenced.number };
    const { size } = this.#found;
    this.#stream.dispatch(kernel, [root, this.#found], [root.size, size], params, ...gridOf(root), { flops: 0 });
  }
}

function wordsOf({ size }: Memory, { bytes }: Fenced): { count: number; first: number; end: number } {
  const first = FENCE_BEFORE / 4;
  return { count: size / 4, first, end: first + bytes / 4 };
}

function gridOf({ size }: Memory): [number, number, number] {
  return [Math.min(Math.ceil(size / 4 / 64), 65_535), 1, 1];
}
