import type { DeviceLimits } from './adapter.ts';
import { HalfPrecisionError, ShapeError } from './errors.ts';
import type { DeviceArray, Dispatch, Gpu } from './gpu.ts';
import type { Memory } from './memory_pool.ts';
import type { Kernel } from './pipeline_cache.ts';
import { checkDevice } from './same_device.ts';
import type { ShaderBinding } from './shader.ts';

/** The memory that a dispatch binds, and how many bytes of it, in the order of the kernel's bindings. */
export interface BoundMemory {
  memories: readonly Memory[];
  sizes: number[];
}

/** Whether some array of a dispatch is stored as 'f16'. */
export function holdsHalves({ arrays }: Dispatch): boolean {
  for (const name in arrays) if (arrays[name][0].storage === 'f16') return true;
  return false;
}

/** Throws HalfPrecisionError unless an array is stored as the binding declares: those of E alike, all others as their types say. */
function checkStorage(operation: string, { shader, io }: Kernel, binding: ShaderBinding, array: DeviceArray): void {
  const isHalf = array.storage === 'f16';
  if (isHalf === (binding.open && io.halves)) return;
  const [name] = operation.split('<');
  const file = `shaders/${shader.split('<')[0]}.wgsl`;
  const found = `'${binding.name}' is stored as ${array.storage} (it came from '${array.origin}')`;
  const taken = binding.open
    ? `while another array is stored as f16, and ${file} takes all that it declares by E alike`
    : `and ${file} declares it without E, so that it takes float32 alone`;
  throw new HalfPrecisionError(name, `${name}: ${found}, ${taken}; convert it with cast().`);
}

/** Looks up what a dispatch binds. Throws ShapeError where an array holds another number of elements than stated, HalfPrecisionError where it is stored as its binding is not. */
export function boundMemory(gpu: Gpu, kernel: Kernel, call: Dispatch): BoundMemory {
  const { shader, io } = kernel;
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
    checkStorage(operation, kernel, bindings[i], array);
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
