import type { DeviceArray } from './device_array.ts';

/** One dispatch: which arrays stand for the shader's bindings, how many elements each must hold, the parameters and the grid. */
export interface Dispatch {
  /** What errors and profiles call it. Default: the shader's name. */
  operation?: string;
  arrays: Readonly<Record<string, readonly [DeviceArray, number]>>;
  params?: Readonly<Record<string, number>>;
  constants?: Readonly<Record<string, number>>;
  workgroups: readonly [number, number?, number?];
  /** Floating-point operations (a multiply-add is two), for profiles. */
  flops?: number;
  /** Bytes it moves, for profiles. Default: those of its arrays, each read or written once. */
  bytes?: number;
}
