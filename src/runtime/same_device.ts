import type { DeviceArray, Gpu } from './gpu.ts';

/**
 * Throws where an array lies on another device than the one that is to use it. WebGPU itself reports such a use later, and the device that was
 * to do it can do nothing from then on. what: the array's part in the operation, such as "'x'"; left out where its origin says enough.
 */
export function checkDevice(gpu: Gpu, operation: string, array: DeviceArray, what?: string): void {
  if (array.gpu === gpu) return;
  const subject = what === undefined ? `the result of '${array.origin}'` : `${what} (it came from '${array.origin}')`;
  throw new Error(`${operation}: ${subject} lies on another device; read it there and upload it here.`);
}
