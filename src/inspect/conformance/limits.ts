import { fill } from '../../kernels/elementwise.ts';
import { binary } from '../../kernels/pointwise.ts';
import { OutOfMemoryError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';

/** What an adapter says it allows, tried. */
export interface LimitCheck {
  name: string;
  /** Returns what was reached, in words. Throws an Error that says what came out wrong. open: gives a device that works, another one after a failure. */
  run(open: () => Promise<Gpu>, quick: boolean): Promise<string>;
}

const MIB = 2 ** 20;
/** WebGPU gives every device so much in one array. */
const LEAST_BYTES = 128 * MIB;
/** Bytes that a quick look tries. */
const QUICK_BYTES = 256 * MIB;
/** Elements that are read back at each end. */
const READ = 4096;

const mib = (bytes: number) => `${Math.floor(bytes / MIB)} MiB`;

/** Fills an array with a number and reads its ends. */
async function fillAndRead(gpu: Gpu, bytes: number): Promise<void> {
  await gpu.scope(async () => {
    const count = bytes / 4;
    const array = fill(gpu, count, 7);
    for (const start of [0, count - READ]) {
      const end = gpu.alloc(READ, 'f32', 'limits');
      gpu.copyRange(array, start, end, 0, READ);
      const values = await end.read();
      const wrong = values.findIndex((value) => value !== 7);
      if (wrong < 0) continue;
      throw new Error(`element ${start + wrong} of an array of ${mib(bytes)} is ${values[wrong]} and must be 7`);
    }
  });
}

const LARGEST_ARRAY: LimitCheck = {
  name: 'the largest array',
  async run(open, quick) {
    const { arrayBytes } = (await open()).limits;
    // A whole number of vec4s, and of what a size class holds.
    const stated = Math.floor(arrayBytes / 16) * 16;
    let bytes = quick ? Math.min(stated, QUICK_BYTES) : stated;
    let refused = '';
    for (;;) {
      const gpu = await open();
      try {
        await fillAndRead(gpu, bytes);
        gpu.trim();
        return `${mib(bytes)} of the ${mib(stated)} that it states${refused}`;
      } catch (error) {
        // More than there is room for is refused in words, which is right; a machine may have less memory than its driver binds.
        if (!(error instanceof OutOfMemoryError) || bytes / 2 < LEAST_BYTES) throw error;
        refused = `; there was no room for ${mib(bytes)}`;
        bytes = Math.floor(bytes / 32) * 16;
      }
    }
  },
};

const BEYOND: LimitCheck = {
  name: 'an array beyond the limit',
  async run(open) {
    const gpu = await open();
    try {
      gpu.scope(() => void gpu.alloc(gpu.limits.arrayBytes / 4 + 4, 'f32', 'limits'));
    } catch (error) {
      if (error instanceof OutOfMemoryError) return 'refused';
      throw error;
    }
    throw new Error('an array larger than the adapter allows was not refused');
  },
};

const WHOLE_GRID: LimitCheck = {
  name: 'more workgroups than a dimension holds',
  async run(open) {
    const gpu = await open();
    const count = (gpu.limits.workgroups + 1) * 256 + 5;
    await gpu.scope(async () => {
      const one = { array: gpu.upload(Float32Array.of(3), 'limits'), strides: [0] };
      const values = await binary('ADD', 'limits', [count], one, one).read();
      const wrong = values.findIndex((value) => value !== 6);
      if (wrong >= 0) throw new Error(`element ${wrong} of ${count} is ${values[wrong]} and must be 6`);
    });
    gpu.trim();
    return `${gpu.limits.workgroups} in a row, over two rows`;
  },
};

/** Allocation and dispatch at what the adapter states. To be run on a device without fences or poison, whose margins would not fit. */
export const LIMIT_CHECKS: readonly LimitCheck[] = [LARGEST_ARRAY, BEYOND, WHOLE_GRID];
