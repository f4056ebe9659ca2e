import type { DeviceLimits } from './adapter.ts';
import { ShapeError } from './errors.ts';
import type { Dispatch, Gpu } from './gpu.ts';
import type { Memory } from './memory_pool.ts';
import type { Kernel } from './pipeline_cache.ts';
import { checkDevice } from './same_device.ts';

/** The memory that a dispatch binds, and how many bytes of it, in the order of the kernel's bindings. */
export interface BoundMemory {
  memories: readonly Memory[];
  sizes: number[];
}

/** Looks up what a dispatch binds. Throws ShapeError where an array holds another number of elements than stated. */
export function boundMemory(gpu: Gpu, { shader, io }: Kernel, call: Dispatch): BoundMemory {
  const operation = call.operation ?? shader;
  const { bindings } = io;
  const memories = new Array<Memory>(bindings.length);
  const sizes = new Array<number>(bindings.length);
  for (let i = 0; i < bindings.length; i++) {
    const { name } = bindings[i];
    const bound = call.arrays[name];
    if (bound === undefined)
      throw new Error(`${operation}: shaders/${shader}.wgsl binds '${name}', which was not given.`);
    const array = bound[0];
    const length = bound[1];
    if (array.length !== length) {
      throw new ShapeError(
        `${operation}: '${name}' must hold ${length} elements but holds ${array.length} (it came from '${array.origin}').`,
      );
    }
    checkDevice(gpu, operation, array, `'${name}'`);
    memories[i] = array.memory;
    sizes[i] = array.bytes;
  }
  return { memories, sizes };
}

/** Throws ShapeError for a grid of x × y × z workgroups that a device does not allow. */
export function checkGrid(
  operation: string,
  x: number,
  y: number,
  z: number,
  { workgroups: most }: DeviceLimits,
): void {
  if (x > most || y > most || z > most) {
    throw new ShapeError(
      `${operation}: needs ${x} × ${y} × ${z} workgroups, more than the ${most} per dimension of this adapter; use a smaller batch.`,
    );
  }
}
