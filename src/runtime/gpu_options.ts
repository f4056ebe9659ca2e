import type { RungName, RungTable } from './rungs.ts';

/** How a device is opened. */
export interface GpuOptions {
  /** Text of a shader by its file name without `.wgsl`. */
  shaders: (name: string) => string;
  /** Seed of the generator that dropout and augmentation draw from. Default 0. */
  seed?: number;
  /** Most bytes that the pool may hold; beyond it an allocation fails by name. Default: none on hardware, most of the machine's on software. */
  memoryLimit?: number;
  /** Most bytes of an image set that are kept on the device. Default: a GiB, and a quarter of `memoryLimit` at most. */
  imageMemory?: number;
  /** Rung of the kernel ladders to take wherever it can run. Default: the fastest for each shape. For tests and benchmarks. */
  rung?: RungName;
  /** Rungs by class of shapes. Default: by the kind of adapter. */
  rungs?: RungTable;
  /** Fill every new array with NaN first, to find kernels that read what nobody wrote. For tests. */
  poison?: boolean;
  /** Put known words before and behind every array, which `finish` compares, to find kernels that write outside of their arrays. For tests. */
  fences?: boolean;
  /**
   * Most workgroups in a row of the grid of a kernel that numbers its work (`Dispatch.invocations`). Default: 65,535, as on every adapter. For tests: a
   * small one shows that a kernel finds its number over several rows, which takes millions of elements else.
   */
  gridWidth?: number;
  /** Time every dispatch from the start; see `startProfiler`. Default false. */
  profile?: boolean;
  /** How to wait for the device. Default: as for any promise. */
  wait?: <T>(pending: Promise<T>) => Promise<T>;
}
