import type { Dispatch, Gpu } from '../runtime/gpu.ts';

/** Adds a dispatch of one of the engine's own shaders. All of these state their floating-point operations. */
export function dispatch(gpu: Gpu, shader: string, call: Dispatch & { flops: number }): void {
  gpu.dispatch(shader, call);
}
