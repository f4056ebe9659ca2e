import { CommandStream, type Counters } from './command_stream.ts';
import { DeviceArray, type ElementType, type HostArray } from './device_array.ts';
import { DeviceError, OutOfMemoryError, ShapeError } from './errors.ts';
import { type Memory, MemoryPool, type MemoryUse } from './memory_pool.ts';
import { Philox, type PhiloxState } from './philox.ts';
import { PipelineCache } from './pipeline_cache.ts';
import { Profiler } from './profiler.ts';
import { ReadBack } from './read_back.ts';
import { defaultRungs, type Rung, type RungTable } from './rungs.ts';
import { Scope, type ScopeListener } from './scope.ts';

const STORAGE = 0x80 | 0x08 | 0x04; // STORAGE | COPY_DST | COPY_SRC

export interface GpuOptions {
  /** Text of a shader by its file name without `.wgsl`. */
  shaders: (name: string) => string;
  /** Seed of the generator that dropout and augmentation draw from. Default 0. */
  seed?: number;
  /** Most bytes that the pool may hold; beyond it an allocation fails by name. Default: none on hardware, most of the machine's on software. */
  memoryLimit?: number;
  /** Rung of the kernel ladders to take wherever it can run. Default: the fastest for each shape. For tests and benchmarks. */
  rung?: Rung;
  /** Rungs by class of shapes. Default: by the kind of adapter. */
  rungs?: RungTable;
  /** Fill every new array with NaN first, to find kernels that read what nobody wrote. For tests. */
  poison?: boolean;
  /** Time every dispatch from the start; see `startProfiler`. Default false. */
  profile?: boolean;
  /** How to wait for the device. Default: as for any promise. */
  wait?: <T>(pending: Promise<T>) => Promise<T>;
}

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

export interface AdapterDescription {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  /** True for a driver that computes on the CPU. */
  software: boolean;
  /** Lanes of a subgroup, smallest and largest; 0 where there are none. */
  subgroupSizes: readonly [number, number];
}

/** What the device allows. Read once: Dawn makes an object with a finalizer of its own each time `GPUDevice.limits` is asked for. */
export interface DeviceLimits {
  /** Bytes of one array. */
  arrayBytes: number;
  /** Workgroups in each dimension of a grid. */
  workgroups: number;
}

/** A device with its memory, its kernels and its queue of work. Made by `openDevice`. */
export class Gpu {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
  readonly limits: DeviceLimits;
  /** Most bytes that the pool may hold; beyond it an allocation fails by name. */
  memoryLimit: number;
  /** Rung of the kernel ladders to take wherever it can run; undefined lets each kernel choose. */
  forcedRung: Rung | undefined;
  /** Rung of the kernel ladders for each class of shapes. Another table gives results of other bits. */
  rungs: RungTable;
  /** Waits for a promise of the device's. */
  readonly wait: <T>(pending: Promise<T>) => Promise<T>;
  #pool: MemoryPool;
  #stream: CommandStream;
  #pipelines: PipelineCache;
  #options: GpuOptions;
  #scope: Scope | undefined;
  #readBack: ReadBack;
  #failure: Error | undefined;
  #closed = false;
  #compilingAhead = false;
  #generator: PhiloxState;
  #allocations: Promise<void>[] = [];
  // Arrays that no scope owns go back to the pool when nothing refers to them any more.
  #unscoped = new FinalizationRegistry<Memory>((memory) => {
    if (!this.#closed) this.#pool.release(memory);
  });
  readonly scopeListeners: ScopeListener[] = [];

  constructor(device: GPUDevice, adapter: AdapterDescription, options: GpuOptions) {
    this.device = device;
    this.adapter = adapter;
    const { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupsPerDimension } = device.limits;
    this.limits = {
      arrayBytes: Math.min(maxStorageBufferBindingSize, maxBufferSize),
      workgroups: maxComputeWorkgroupsPerDimension,
    };
    this.#options = options;
    this.forcedRung = options.rung;
    this.rungs = options.rungs ?? defaultRungs(adapter);
    this.wait = options.wait ?? ((pending) => pending);
    this.memoryLimit = options.memoryLimit ?? Number.POSITIVE_INFINITY;
    this.#generator = new Philox(options.seed ?? 0).state();
    this.#pool = new MemoryPool((size) => this.#createBuffer(size));
    this.#stream = new CommandStream(device);
    this.#readBack = new ReadBack(device, this.#stream, this.wait);
    this.#pipelines = new PipelineCache(device, options.shaders);
    this.#pipelines.onError = (error) => this.fail(error);
    device.addEventListener('uncapturederror', (event) =>
      this.fail(new DeviceError(`The GPU reports: ${event.error.message}`)),
    );
    if (options.profile) this.startProfiler();
    void device.lost.then((info) => {
      if (!this.#closed) {
        this.fail(
          new DeviceError(
            `The GPU device was lost (${info.message || info.reason}); open it again and go on from the last checkpoint.`,
          ),
        );
      }
    });
  }

  // -- Work ---------------------------------------------------------------------------------------------------------------------------

  /** Adds one dispatch of a shader. Throws ShapeError where an array holds another number of elements than stated. */
  dispatch(shader: string, call: Dispatch): void {
    this.#check();
    if (this.#compilingAhead) {
      this.#pipelines.getAhead(shader, call.constants);
      return;
    }
    const kernel = this.#pipelines.get(shader, call.constants);
    const operation = call.operation ?? shader;
    const { bindings } = kernel.io;
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
      if (array.gpu !== this) throw new Error(`${operation}: '${name}' lies on another device.`);
      memories[i] = array.memory;
      sizes[i] = array.bytes;
    }
    const x = call.workgroups[0];
    const y = call.workgroups[1] ?? 1;
    const z = call.workgroups[2] ?? 1;
    const most = this.limits.workgroups;
    if (x > most || y > most || z > most) {
      throw new ShapeError(
        `${operation}: needs ${x} × ${y} × ${z} workgroups, more than the ${most} per dimension of this adapter; use a smaller batch.`,
      );
    }
    if (x * y * z > 0) this.#stream.dispatch(kernel, memories, sizes, call.params, x, y, z, call);
  }

  /**
   * Compiles the pipelines that some work is going to need, side by side, instead of one after the other when each is first used. The work is run
   * for the dispatches it asks for, none of which takes place: what it computes is undefined, and it may neither keep that nor wait for it. The
   * random numbers it takes are given back. Resolves when all are compiled; one that fails is compiled again, and its error reported, when it is used.
   */
  async compileAhead(work: () => void): Promise<void> {
    this.#check();
    const { generator } = this;
    this.#compilingAhead = true;
    try {
      this.scope(work);
    } finally {
      this.#compilingAhead = false;
      this.generator = generator;
    }
    await this.wait(this.#pipelines.arrived());
  }

  /** Sends the work gathered so far to the device without waiting for it. */
  flush(): void {
    this.#check();
    this.#stream.flush();
  }

  /** Waits until all work so far is done. Throws what went wrong in it. */
  async finish(): Promise<void> {
    await this.submittedWorkDone();
    await this.#settle();
  }

  /** Sends the work gathered so far; resolves when the device has done it. */
  submittedWorkDone(): Promise<void> {
    this.flush();
    return this.wait(this.device.queue.onSubmittedWorkDone().then(() => {}));
  }

  /** Numbers of dispatches, submits, read-backs and so on since the device was opened. */
  get counters(): Counters & { pipelines: number; buffers: number } {
    return { ...this.#stream.counters, pipelines: this.#pipelines.count, buffers: this.#pool.made };
  }

  /** Times the dispatches since `startProfiler()`; undefined while profiling is off. */
  get profiler(): Profiler | undefined {
    return this.#stream.profiler;
  }

  /** Times every dispatch from now on. Returns the profiler, the one at work if there is one. */
  startProfiler(): Profiler {
    this.flush();
    this.#stream.profiler ??= new Profiler(this.device, () => this.flush(), this.wait);
    return this.#stream.profiler;
  }

  /** Stops timing. What the profiler has gathered can still be read from it. */
  stopProfiler(): void {
    this.flush();
    this.#stream.profiler = undefined;
  }

  // -- Memory -------------------------------------------------------------------------------------------------------------------------

  /** Bytes in use and held. */
  get memory(): MemoryUse {
    return this.#pool.use;
  }

  /** Starts the measurement of `memory.peakBytes` anew. */
  resetPeakBytes(): void {
    this.#pool.resetPeak();
  }

  /** A new array of the current scope; its contents are undefined. operation: named in errors. */
  alloc<T extends ElementType>(length: number, type: T, operation: string): DeviceArray<T> {
    this.#check();
    const bytes = Math.max(16, Math.ceil(length / 4) * 16);
    const most = this.limits.arrayBytes;
    if (bytes > most) {
      throw new OutOfMemoryError(
        `${operation}: one array of ${bytes} bytes is more than the ${most} that this adapter can bind; use a smaller batch or a narrower model.`,
      );
    }
    if (this.#pool.use.heldBytes + this.#pool.growth(bytes) > this.memoryLimit) {
      this.trim();
      const { heldBytes } = this.#pool.use;
      if (heldBytes + this.#pool.growth(bytes) > this.memoryLimit) {
        throw new OutOfMemoryError(
          `${operation}: no room for ${bytes} bytes (${heldBytes} of ${this.memoryLimit} are in use); use a smaller batch or a narrower model.`,
        );
      }
    }
    this.#operation = operation;
    const array = new DeviceArray(this, this.#pool.acquire(bytes), length, type, operation);
    this.#adopt(array, this.#scope);
    if (this.#options.poison) this.#poison(array);
    return array;
  }

  /** A new array of the current scope with these elements. */
  upload<A extends Float32Array | Uint32Array>(
    data: A,
    operation: string,
  ): DeviceArray<A extends Float32Array ? 'f32' : 'u32'> {
    const type = (data instanceof Float32Array ? 'f32' : 'u32') as A extends Float32Array ? 'f32' : 'u32';
    const array = this.alloc(data.length, type, operation);
    this.write(array, data);
    return array;
  }

  /** Overwrites an array. Throws ShapeError where the lengths differ. */
  write(array: DeviceArray, data: Float32Array | Uint32Array): void {
    if (data.length !== array.length) {
      throw new ShapeError(`write: '${array.origin}' holds ${array.length} elements, the data ${data.length}.`);
    }
    this.#check();
    if (data.length > 0) this.#stream.upload(array.memory, data);
  }

  /** Copies `length` elements between arrays. Throws ShapeError where they do not fit. */
  copyRange(from: DeviceArray, fromStart: number, to: DeviceArray, toStart: number, length: number): void {
    if (fromStart + length > from.length || toStart + length > to.length) {
      throw new ShapeError(
        `copy: ${length} elements from ${fromStart} of ${from.length} do not fit at ${toStart} of ${to.length}.`,
      );
    }
    this.#check();
    const source = from.memory;
    const target = to.memory;
    if (source.buffer === target.buffer) {
      // The device copies between different buffers only.
      this.scope(() => {
        const between = this.alloc(length, from.type, 'copy');
        this.copyRange(from, fromStart, between, 0, length);
        this.copyRange(between, 0, to, toStart, length);
      });
      return;
    }
    const [fromByte, toByte] = [source.offset + fromStart * 4, target.offset + toStart * 4];
    this.#stream.copy(source.buffer, fromByte, target.buffer, toByte, length * 4);
  }

  /**
   * Elements of an array's buffer from `start` on, counted from where the array begins, as an array of the current scope. Both see the same memory.
   * start: a multiple of 64, as a binding must begin at one of 256 bytes.
   */
  part<T extends ElementType>(array: DeviceArray<T>, start: number, length: number, operation: string): DeviceArray<T> {
    const { memory } = array;
    if (start % 64 !== 0 || memory.offset + (start + length) * 4 > memory.root.size) {
      throw new ShapeError(
        `${operation}: there is no part of ${length} elements from ${start} on in '${array.origin}'.`,
      );
    }
    const part = new DeviceArray(
      this,
      this.#pool.share(memory, memory.offset + start * 4),
      length,
      array.type,
      operation,
    );
    this.#adopt(part, this.#scope);
    return part;
  }

  /** Copies an array into one of the same length and lets it live there: both are the same memory from then on. */
  move(array: DeviceArray, place: DeviceArray): void {
    this.copyRange(array, 0, place, 0, array.length);
    const { memory } = place;
    const before = array.moveTo(this.#pool.share(memory, memory.offset));
    if (array.isWatched) {
      this.#unscoped.unregister(array);
      array.isWatched = false;
      this.watch(array);
    }
    this.#pool.release(before);
  }

  /** Waits for the device and copies an array to the host. */
  async read<T extends ElementType>(array: DeviceArray<T>): Promise<HostArray<T>> {
    this.#check();
    const { memory } = array;
    let copy: ArrayBuffer;
    try {
      copy = await this.#readBack.read(memory, array.length * 4);
    } catch (cause) {
      // What the device reported says more than the failure to map.
      await this.#settle();
      throw new DeviceError(`Reading '${array.origin}' back from the GPU failed.`, { cause });
    }
    await this.#settle();
    return (array.type === 'f32' ? new Float32Array(copy) : new Uint32Array(copy)) as HostArray<T>;
  }

  /** Gives the memory of a released array back. Called by DeviceArray. */
  recycle(array: DeviceArray, memory: Memory): void {
    if (array.isWatched) this.#unscoped.unregister(array);
    if (!this.#closed) this.#pool.release(memory);
  }

  /** Takes an array that a scope owns over from it, if one does: it lives until nothing refers to it. */
  takeFromScope(array: DeviceArray): boolean {
    for (let scope = this.#scope; scope !== undefined; scope = scope.parent) {
      if (scope.arrays.delete(array)) {
        this.#adopt(array, undefined);
        return true;
      }
    }
    return false;
  }

  /** Lets an array live until nothing refers to it, whoever owns it: a scope, a tape, a backward pass. */
  keep(array: DeviceArray): void {
    if (this.takeFromScope(array) || array.isKept) return;
    array.retain();
    this.#adopt(array, undefined);
  }

  /** The innermost scope that is open, if any. */
  get currentScope(): Scope | undefined {
    return this.#scope;
  }

  /** Lets go of an array of the current scope before that ends: its memory is free as soon as no one else (the tape) needs it. */
  drop(array: DeviceArray): void {
    if (this.#scope?.arrays.delete(array)) array.release();
  }

  /** Has the garbage collector return an array's memory, should its owners be forgotten rather than release it. */
  watch(array: DeviceArray): void {
    if (array.isWatched || array.isReleased) return;
    array.isWatched = true;
    this.#unscoped.register(array, array.memory, array);
  }

  /** Destroys free buffers. */
  trim(): void {
    this.#stream.flush();
    this.#pool.trim();
    this.#stream.forgetBindGroups();
  }

  #adopt(array: DeviceArray, scope: Scope | undefined): void {
    if (scope) scope.arrays.add(array);
    else {
      array.isKept = true;
      this.watch(array);
    }
  }

  /**
   * Runs a function; what it made on the device is recycled when it ends, save what it returns (tensors, arrays, and these inside arrays
   * and plain objects) and what was kept. Functions may be asynchronous if they are awaited before the next scope ends.
   */
  scope<R>(work: () => R): R {
    const scope = new Scope(this.#scope);
    this.#scope = scope;
    let result: R;
    try {
      result = work();
    } catch (error) {
      this.#endScope(scope, undefined);
      throw error;
    }
    if (result instanceof Promise) {
      return result.then(
        (value) => {
          this.#endScope(scope, value);
          return value;
        },
        (error) => {
          this.#endScope(scope, undefined);
          throw error;
        },
      ) as R;
    }
    this.#endScope(scope, result);
    return result;
  }

  /** Runs a function outside all scopes: what it makes lives until nothing refers to it. */
  unscoped<R>(work: () => R): R {
    const scope = this.#scope;
    this.#scope = undefined;
    try {
      return work();
    } finally {
      this.#scope = scope;
    }
  }

  #endScope(scope: Scope, result: unknown): void {
    if (this.#scope !== scope) {
      throw new Error(
        'gpu.scope: scopes must end in the order they began, innermost first; await an asynchronous scope before going on.',
      );
    }
    this.#scope = scope.parent;
    for (const listener of this.scopeListeners) listener(scope, result);
    for (const array of scope.returned(result)) {
      if (scope.arrays.delete(array)) this.#adopt(array, scope.parent);
    }
    for (const array of scope.arrays) array.release();
  }

  // -- Random numbers -----------------------------------------------------------------------------------------------------------------

  /** A place in the device's random sequence for one operation, given out once: the key, and the second word of the counter. */
  takeRandom(): { seedLow: number; seedHigh: number; offset: number } {
    const { seed, offset } = this.#generator;
    this.#generator.offset++;
    return { seedLow: seed % 2 ** 32, seedHigh: Math.floor(seed / 2 ** 32), offset };
  }

  /** State of the device's generator, to save and restore. */
  get generator(): PhiloxState {
    return { ...this.#generator };
  }

  set generator(state: PhiloxState) {
    this.#generator = { ...state };
  }

  // -- Failures and the end -----------------------------------------------------------------------------------------------------------

  /** Notes that the device failed: the next call that uses it throws this. */
  fail(error: Error): void {
    this.#failure ??= error;
  }

  /** Destroys the device. The process may then end by itself. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.device.destroy();
  }

  #operation = '';

  #createBuffer(size: number): GPUBuffer {
    const operation = this.#operation;
    this.device.pushErrorScope('out-of-memory');
    const buffer = this.device.createBuffer({ label: operation, size, usage: STORAGE });
    this.#allocations.push(
      this.device.popErrorScope().then((error) => {
        if (error)
          this.fail(
            new OutOfMemoryError(
              `${operation}: the GPU has no room for ${size} bytes (${this.#pool.use.liveBytes} are in use); use a smaller batch or a narrower model.`,
            ),
          );
      }),
    );
    return buffer;
  }

  async #settle(): Promise<void> {
    const allocations = this.#allocations;
    this.#allocations = [];
    await Promise.all(allocations);
    this.#check();
  }

  #check(): void {
    if (this.#closed) throw new DeviceError('The GPU device is closed.');
    if (this.#failure) throw this.#failure;
  }

  #poison(array: DeviceArray): void {
    const words = array.bytes / 4;
    const groups = Math.min(words, 65_535);
    this.#stream.dispatch(this.#pipelines.get('poison'), [array.memory], [array.bytes], { count: words }, groups, 1, 1);
  }
}
