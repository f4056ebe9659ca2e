import type { DeviceArray, Gpu } from '../../runtime/gpu.ts';

/** Small arrays that are to be read together. Each is held until then; nothing waits for the device. */
export class Readings {
  readonly #gpu: Gpu;
  #arrays: { array: DeviceArray; start: number; length: number }[] = [];
  #total = 0;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** Adds the first elements of an array. Returns where they will be among all. */
  add(array: DeviceArray, length = array.length): number {
    const start = this.#total;
    this.#arrays.push({ array: array.retain(), start, length });
    this.#total += length;
    return start;
  }

  /** Copies all into one array as they are now and sends for it; u32 as the bits they are. */
  read(): Promise<Float32Array> {
    const gpu = this.#gpu;
    return gpu.scope(() => {
      const all = gpu.alloc(this.#total, 'f32', 'readings');
      for (const { array, start, length } of this.#arrays) gpu.copyRange(array, 0, all, start, length);
      this.release();
      // The copy to the host is under way when this returns, and the array's memory may go.
      const values = all.read();
      return { values };
    }).values;
  }

  /** Lets go of the arrays. */
  release(): void {
    for (const { array } of this.#arrays) array.release();
    this.#arrays = [];
  }
}
