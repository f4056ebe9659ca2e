import { totalmem } from 'node:os';
import { create, globals } from 'webgpu';
import { dawnOf, indexInEnvironment } from './node/adapter_list.ts';
import { waitUnhurried } from './node/pacer.ts';
import { readShader } from './node/read_shader.ts';
import { type DeviceOptions, openDeviceOn } from './runtime/device.ts';
import type { Gpu } from './runtime/gpu.ts';

export * from './index.ts';
export { readShader } from './node/read_shader.ts';

// Dawn's instances must stay referenced: once one is collected, the process crashes.
const instances: GPU[] = [];
const known = new Map<string, Promise<GPU> | GPU>();

type Backend = 'drivers' | 'clamping' | 'null';

/**
 * Dawn over the machine's drivers; or the same with indices beyond a binding moved to its end by the shader, where a driver may drop the write; or over
 * its null backend, which needs no driver and computes nothing. flags: more of Dawn's.
 */
function makeDawn(backend: Backend, flags: readonly string[] = []): GPU {
  Object.assign(globalThis, globals);
  // Mesa complains where this is not set.
  if (process.platform === 'linux') process.env.XDG_RUNTIME_DIR ??= '/tmp';
  const off = backend === 'clamping' ? ',vulkan_use_buffer_robust_access_2' : '';
  const features = ['enable-dawn-features=allow_unsafe_apis', `disable-dawn-features=timestamp_quantization${off}`];
  const made = create([...features, ...(backend === 'null' ? ['backend=null'] : []), ...flags]);
  instances.push(made);
  return made;
}

/** Dawn, made once for each kind. index: with that adapter alone. */
async function dawn(backend: Backend, index?: number): Promise<GPU> {
  const key = `${backend} ${index}`;
  const make = (flags?: readonly string[]) => makeDawn(backend, flags);
  const made = known.get(key) ?? (index === undefined ? make() : dawnOf(index, make));
  known.set(key, made);
  return made;
}

/**
 * Opens a GPU under Node, through Dawn: a hardware adapter where there is one, else a software one (`gpu.adapter` says which); where
 * none is named, that of the index in WGRAD_ADAPTER_INDEX, if there is one.
 * Call `close()` at the end, or the process does not exit. Throws DeviceError where no driver is found.
 */
export async function openDevice(options: DeviceOptions = {}): Promise<Gpu> {
  // A fence sees only the writes that arrive.
  const index = options.adapter === undefined ? indexInEnvironment() : undefined;
  const backend = await dawn(options.fences ? 'clamping' : 'drivers', index);
  const gpu = await openDeviceOn({ gpu: backend, shaders: readShader, wait: waitUnhurried }, options);
  // A software driver takes its memory from the machine's own, which overcommits: without a limit the process would be killed, not told.
  if (gpu.adapter.software && options.memoryLimit === undefined) gpu.memoryLimit = Math.floor(totalmem() * 0.8);
  return gpu;
}

/**
 * Opens a device that computes nothing and needs no driver: what is read back from it is undefined. For what is known of a model without running it,
 * as `summarize` tells. Call `close()` at the end.
 */
export async function openNullDevice(): Promise<Gpu> {
  return openDeviceOn({ gpu: await dawn('null'), shaders: readShader });
}
