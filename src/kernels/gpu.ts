import { type AdapterDescription, type DeviceLimits, limitsOf } from './adapter.ts';
import { CommandStream, type Counters } from './command_stream.ts';
import { DeviceArray, type ElementType, type HostArray } from './device_array.ts';
import { DeviceMemory } from './device_memory.ts';
import { boundMemory, checkGrid, type Dispatch } from './dispatch.ts';
import { DeviceError, ShapeError } from './errors.ts';
import type { GpuOptions } from './gpu_options.ts';
import type { Memory, MemoryUse } from './memory_pool.ts';
import { Ownership } from './ownership.ts';
import { Philox, type PhiloxState } from './philox.ts';
import { PipelineCache } from './pipeline_cache.ts';
import { Profiler } from './profiler.ts';
import { ReadBack } from './read_back.ts';
import { defaultRungs, type Rung, type RungTable } from './rungs.ts';
import type { Scope, ScopeListener } from './scope.ts';

/** A device with its memory, its kernels and its queue of work. Made by `openDevice`. */
export class Gpu {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
  readonly limits: DeviceLimits;
  /** Rung of the kernel ladders to take wherever it can run; undefined lets each kernel choose. */
  forcedRung: Rung | undefined;
  /** Rung of the kernel ladders for each class of shapes. Another table gives results of other bits. */
  rungs: RungTable;
  /** Waits for a promise of the device's. */
  readonly wait: <T>(pending: Promise<T>) => Promise<T>;
  #memory: DeviceMemory;
  #owners: Ownership;
  #stream: CommandStream;
  #pipelines: PipelineCache;
  #options: GpuOptions;
  #readBack: ReadBack;
  #failure: Error | undefined;
  #closed = false;
  #compilingAhead = false;
  #generator: PhiloxState;

  constructor(device: GPUDevice, adapter: AdapterDescription, options: GpuOptions) {
    this.device = device;
    this.adapter = adapter;
    this.limits = limitsOf(device);
    this.#options = options;
    this.forcedRung = options.rung;
    this.rungs = options.rungs ?? defaultRungs(adapter);
    this.wait = options.wait ?? ((pending) => pending);
    this.#generator = new Philox(options.seed ?? 0).state();
    this.#memory = new DeviceMemory(
      device,
      this.limits.arrayBytes,
      () => this.trim(),
      (error) => this.fail(error),
    );
    if (options.memoryLimit !== undefined) this.#memory.limit = options.memoryLimit;
    this.#owners = new Ownership((memory) => this.#release(memory));
    this.#stream = new CommandStream(device);
    this.#readBack = new ReadBack(device, this.#stream, this.wait);
    this.#pipelines = new PipelineCache(device, this.#stream.paramsLayout, options.shaders);
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
    const { memories, sizes } = boundMemory(this, kernel, call);
    const x = call.workgroups[0];
    const y = call.workgroups[1] ?? 1;
    const z = call.workgroups[2] ?? 1;
    checkGrid(call.operation ?? shader, x, y, z, this.limits);
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
    return { ...this.#stream.counters, pipelines: this.#pipelines.count, buffers: this.#memory.buffers };
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
    return this.#memory.use;
  }

  /** Most bytes that the pool may hold; beyond it an allocation fails by name. */
  get memoryLimit(): number {
    return this.#memory.limit;
  }

  set memoryLimit(bytes: number) {
    this.#memory.limit = bytes;
  }

  /** Starts the measurement of `memory.peakBytes` anew. */
  resetPeakBytes(): void {
    this.#memory.resetPeak();
  }

  /** A new array of the current scope; its contents are undefined. operation: named in errors. */
  alloc<T extends ElementType>(length: number, type: T, operation: string): DeviceArray<T> {
    this.#check();
    const bytes = Math.max(16, Math.ceil(length / 4) * 16);
    const array = new DeviceArray(this, this.#memory.acquire(bytes, operation), length, type, operation);
    this.#owners.adopt(array);
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
      this.#memory.share(memory, memory.offset + start * 4),
      length,
      array.type,
      operation,
    );
    this.#owners.adopt(part);
    return part;
  }

  /** Copies an array into one of the same length and lets it live there: both are the same memory from then on. */
  move(array: DeviceArray, place: DeviceArray): void {
    this.copyRange(array, 0, place, 0, array.length);
    const { memory } = place;
    const before = array.moveTo(this.#memory.share(memory, memory.offset));
    if (array.isWatched) {
      this.#owners.unwatch(array);
      this.#owners.watch(array);
    }
    this.#release(before);
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
    if (array.isWatched) this.#owners.unwatch(array);
    this.#release(memory);
  }

  #release(memory: Memory): void {
    if (!this.#closed) this.#memory.release(memory);
  }

  /** Destroys free buffers. */
  trim(): void {
    this.#stream.flush();
    this.#memory.destroyFree();
    this.#stream.forgetBindGroups();
  }

  // -- Ownership ----------------------------------------------------------------------------------------------------------------------

  /**
   * Runs a function; what it made on the device is recycled when it ends, save what it returns (tensors, arrays, and these inside arrays
   * and plain objects) and what was kept. Functions may be asynchronous if they are awaited before the next scope ends.
   */
  scope<R>(work: () => R): R {
    return this.#owners.run(work);
  }

  /** Runs a function outside all scopes: what it makes lives until nothing refers to it. */
  unscoped<R>(work: () => R): R {
    return this.#owners.runUnscoped(work);
  }

  /** The innermost scope that is open, if any. */
  get currentScope(): Scope | undefined {
    return this.#owners.scope;
  }

  /** Told of each scope that ends. */
  get scopeListeners(): ScopeListener[] {
    return this.#owners.listeners;
  }

  /** Lets an array live until nothing refers to it, whoever owns it: a scope, a tape, a backward pass. */
  keep(array: DeviceArray): void {
    this.#owners.keep(array);
  }

  /** Lets go of an array of the current scope before that ends: its memory is free as soon as no one else (the tape) needs it. */
  drop(array: DeviceArray): void {
    this.#owners.drop(array);
  }

  /** Has the garbage collector return an array's memory, should its owners be forgotten rather than release it. */
  watch(array: DeviceArray): void {
    this.#owners.watch(array);
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

  async #settle(): Promise<void> {
    await this.#memory.settle();
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
