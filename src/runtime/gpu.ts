import type { AdapterDescription, DeviceLimits } from './adapter.ts';
import type { Counters } from './command_stream.ts';
import type { Memory, MemoryUse } from './memory_pool.ts';
import type { PhiloxState } from './philox.ts';
import type { Profiler } from './profiler.ts';
import type { KnownFaults, RungName, RungTable } from './rungs.ts';
import type { Scope, ScopeListener } from './scope.ts';
import type { AddShaderOptions, ShaderInterface } from './shader.ts';

export type ElementType = 'f32' | 'u32';
/** How an array's numbers are stored: as its type says, or, of 'f32', in two bytes each. Kernels compute with float32 either way. */
export type Storage = ElementType | 'f16';
export type HostArray<T extends ElementType = ElementType> = T extends 'f32' ? Float32Array : Uint32Array;

/** One dispatch: which arrays stand for the shader's bindings, how many elements each must hold, the parameters and the grid. */
export interface Dispatch {
  /** What errors and profiles call it. Default: the shader's name. */
  operation?: string;
  arrays: Readonly<Record<string, readonly [DeviceArray, number]>>;
  params?: Readonly<Record<string, number>>;
  constants?: Readonly<Record<string, number>>;
  /** Workgroups in each dimension; or, of a kernel that numbers its work from 0, `invocations`. */
  workgroups?: readonly [number, number?, number?];
  /**
   * How many invocations have work, in place of `workgroups`: as many workgroups as hold them, by the size that the shader gives, over two dimensions
   * where one would pass the limit of 65,535. The shader finds its number as `id.y · groups.x · workgroup + id.x`.
   */
  invocations?: number;
  /**
   * Floating-point operations, for profiles. Those of the formula at the top of the shader, from shapes and options alone: each +, −, ×, ÷, comparison,
   * exp, log, sqrt, tanh and power counts one, so that a multiply-add is two, and a sum or a maximum of n numbers counts n. A sign, a copy, a choice by
   * an integer and integer arithmetic count nothing. What meets padding is counted as if it were computed; guards against NaN, the bias of a
   * convolution, and what is done once for a whole row, channel or pixel may be left out.
   */
  flops?: number;
  /** Bytes it moves, for profiles, each element counted once, or twice where it is read and written. Default: those of its arrays, once. */
  bytes?: number;
}

/** A device with its memory, its kernels and its queue of work. Made by `openDevice`. */
export interface Gpu {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
  readonly limits: DeviceLimits;
  /** Whether arrays may be stored as 'f16': the adapter offers `shader-f16`. */
  readonly supportsF16: boolean;
  /** Rung of the kernel ladders to take wherever it can run; undefined lets each kernel choose. */
  forcedRung: RungName | undefined;
  /** Rung of the kernel ladders for each class of shapes. Another table gives results of other bits. */
  rungs: RungTable;
  /** What this adapter is known to compute wrongly, which is not used. Default: nothing. */
  knownFaults: KnownFaults;

  /**
   * Adds one dispatch of a shader. Throws ShapeError where an array holds another number of elements than stated, DeviceError for a shader among
   * `knownFaults`.
   */
  dispatch(shader: string, call: Dispatch): void;
  /**
   * Compiles a shader of one's own, to be dispatched by its name. It must have the form of those in `shaders/`: an entry point `main`, storage
   * arrays in group 0, one a line, and its parameters, if it has any, in one uniform struct of u32, i32 and f32 at @group(1) @binding(0).
   * Returns what it says of itself. Throws ShaderError, which says file or name, line, column and the line itself, where it does not compile; the
   * device goes on.
   */
  addShader(name: string, wgsl: string, options?: AddShaderOptions): Promise<ShaderInterface>;
  /** What a shader's text says of itself: bindings, params, the size of its workgroups, its constants. */
  shader(name: string): ShaderInterface;
  /** Sends the work gathered so far to the device without waiting for it. */
  flush(): void;
  /** Waits until all work so far is done. Throws what went wrong in it. */
  finish(): Promise<void>;
  /** Sends the work gathered so far; resolves when the device has done it. */
  submittedWorkDone(): Promise<void>;
  /** Waits for a promise of the device's. */
  readonly wait: <T>(pending: Promise<T>) => Promise<T>;
  /** Numbers of dispatches, submits, read-backs and so on since the device was opened. */
  readonly counters: Counters & { pipelines: number; buffers: number };
  /** Times the dispatches since `startProfiler()`; undefined while profiling is off. */
  readonly profiler: Profiler | undefined;
  /** Times every dispatch from now on. Returns the profiler, the one at work if there is one. */
  startProfiler(): Profiler;
  /** Stops timing. What the profiler has gathered can still be read from it. */
  stopProfiler(): void;

  /** Bytes in use and held. */
  readonly memory: MemoryUse;
  /** Most bytes that the pool may hold; beyond it an allocation fails by name. */
  memoryLimit: number;
  /** Most bytes of an image set that are kept on the device; a larger one stays on the host, and each batch is uploaded. */
  imageMemory: number;
  /** Starts the measurement of `memory.peakBytes` anew. */
  resetPeakBytes(): void;
  /**
   * A new array of the current scope; its contents are undefined. operation: named in errors. storage: default: as the type says. Throws DeviceError for
   * 'f16' where the adapter has no half precision.
   */
  alloc<T extends ElementType>(length: number, type: T, operation: string, storage?: Storage): DeviceArray<T>;
  /** A new array of the current scope with these elements. */
  upload<A extends Float32Array | Uint32Array>(
    data: A,
    operation: string,
  ): DeviceArray<A extends Float32Array ? 'f32' : 'u32'>;
  /** Overwrites an array; one stored as 'f16' with the nearest half-precision numbers. Throws ShapeError where the lengths differ. */
  write(array: DeviceArray, data: Float32Array | Uint32Array): void;
  /** Copies `length` elements between arrays of elements of one size. Throws ShapeError where they do not fit or are not. */
  copyRange(from: DeviceArray, fromStart: number, to: DeviceArray, toStart: number, length: number): void;
  /**
   * Elements of an array's buffer from `start` on, counted from where the array begins, as an array of the current scope. Both see the same memory.
   * start: a multiple of 64, of 'f16' of 128, as a binding must begin at one of 256 bytes.
   */
  part<T extends ElementType>(array: DeviceArray<T>, start: number, length: number, operation: string): DeviceArray<T>;
  /** Copies an array into one of the same length and storage and lets it live there: both are the same memory from then on. */
  move(array: DeviceArray, place: DeviceArray): void;
  /** Waits for the device and copies an array to the host. */
  read<T extends ElementType>(array: DeviceArray<T>): Promise<HostArray<T>>;
  /** Gives the memory of a released array back. Called by DeviceArray. */
  recycle(array: DeviceArray, memory: Memory): void;
  /** Destroys free buffers. */
  trim(): void;

  /**
   * Runs a function; what it made on the device is recycled when it ends, save what it returns (tensors, arrays, and these inside arrays
   * and plain objects) and what was kept. Functions may be asynchronous if they are awaited before the next scope ends.
   */
  scope<R>(work: () => R): R;
  /** Runs a function outside all scopes: what it makes lives until nothing refers to it. */
  unscoped<R>(work: () => R): R;
  /** The innermost scope that is open, if any. */
  readonly currentScope: Scope | undefined;
  /** Told of each scope that ends. */
  readonly scopeListeners: ScopeListener[];
  /** Lets an array live until nothing refers to it, whoever owns it: a scope, a tape, a backward pass. */
  keep(array: DeviceArray): void;
  /** Lets go of an array of the current scope before that ends: its memory is free as soon as no one else (the tape) needs it. */
  drop(array: DeviceArray): void;
  /** Has the garbage collector return an array's memory, should its owners be forgotten rather than release it. */
  watch(array: DeviceArray): void;

  /** A place in the device's random sequence for one operation, given out once: the key, and the second word of the counter. */
  takeRandom(): { seedLow: number; seedHigh: number; offset: number };
  /** State of the device's generator, to save and restore. */
  generator: PhiloxState;

  /** Notes that the device failed: the next call that uses it throws this. */
  fail(error: Error): void;
  /** Destroys the device. The process may then end by itself. */
  close(): void;
}

/** Bytes of an element. */
export const elementBytes = (storage: Storage): number => (storage === 'f16' ? 2 : 4);

/** Bytes of so many elements, rounded up to 16. */
export function bytesOf(length: number, storage: Storage): number {
  return Math.max(16, Math.ceil((length * elementBytes(storage)) / 16) * 16);
}

/**
 * A dense run of numbers in device memory, four bytes each, or two where they are stored as 'f16'. It holds the count of its owners: the scope it was born in, a tape that
 * needs it for the backward pass, a parameter. When the last owner lets go, its memory returns to the pool, and any later use of it is an error.
 *
 * Memory is rounded up to 16 bytes, so that elementwise kernels may work on whole vec4s: what lies past `length` is never read back.
 * It stands in one file with `Gpu` because each of the two names the other.
 */
export class DeviceArray<T extends ElementType = ElementType> {
  readonly gpu: Gpu;
  readonly type: T;
  readonly storage: Storage;
  /** Elements. */
  readonly length: number;
  /** Bytes a kernel may touch: the elements, rounded up to 16. */
  readonly bytes: number;
  /** The operation it came from, for messages. */
  readonly origin: string;
  /** Owned by whoever refers to it, rather than by a scope. Set by the device. */
  isKept = false;
  /** The garbage collector returns its memory. Set by the device. */
  isWatched = false;
  #memory: Memory | undefined;
  #owners = 1;

  constructor(gpu: Gpu, memory: Memory, length: number, type: T, origin: string, storage: Storage) {
    this.gpu = gpu;
    this.type = type;
    this.storage = storage;
    this.length = length;
    this.origin = origin;
    this.bytes = bytesOf(length, storage);
    this.#memory = memory;
  }

  /** The memory itself. Throws once it has gone back to the pool. */
  get memory(): Memory {
    if (this.#memory === undefined) {
      throw new Error(
        `The result of '${this.origin}' was used after its memory was recycled: return it from its scope, call keep() on it, or read it before backward().`,
      );
    }
    return this.#memory;
  }

  /** Puts it somewhere else. Returns where it was. Called by the device. */
  moveTo(memory: Memory): Memory {
    const before = this.memory;
    this.#memory = memory;
    return before;
  }

  get isReleased(): boolean {
    return this.#memory === undefined;
  }

  /** True where nobody else holds it, so it may be written in place. */
  get isUnshared(): boolean {
    return this.#owners === 1;
  }

  /** Adds an owner. */
  retain(): this {
    if (this.#memory === undefined) void this.memory;
    this.#owners++;
    return this;
  }

  /** Takes an owner away; the last one returns the memory to the pool. */
  release(): void {
    if (this.#memory === undefined) return;
    this.#owners--;
    if (this.#owners > 0) return;
    this.gpu.recycle(this, this.#memory);
    this.#memory = undefined;
  }

  /** Lets it live until nothing refers to it, whoever owns it now. */
  keep(): this {
    this.gpu.keep(this);
    return this;
  }

  /** Waits for the device and copies the elements to the host. */
  read(): Promise<HostArray<T>> {
    return this.gpu.read(this);
  }

  /** Itself, for scopes. */
  deviceArrays(): DeviceArray[] {
    return [this as DeviceArray];
  }
}
