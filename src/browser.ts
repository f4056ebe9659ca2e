import { type DeviceOptions, openDeviceOn } from './runtime/device.ts';
import { DeviceError } from './runtime/errors.ts';
import type { Gpu } from './runtime/gpu.ts';
import { shaders } from './shaders.ts';

export * from './index.ts';

/**
 * Opens the browser's GPU, with the shaders that the package brings. Call `close()` at the end. Throws DeviceError where the browser has no WebGPU, or
 * no adapter.
 */
export function openDevice(options: DeviceOptions = {}): Promise<Gpu> {
  const { gpu } = (globalThis as { navigator?: { gpu?: GPU } }).navigator ?? {};
  if (gpu) return openDeviceOn({ gpu, shaders }, options);
  const missing =
    'This browser offers no WebGPU: take a current Chrome, Edge, Firefox or Safari, and open the page from https or localhost.';
  return Promise.reject(new DeviceError(missing));
}
