import { type AdapterDescription, type DeviceLimits, limitsOf } from './adapter.ts';
import { ArrayStore } from './array_store.ts';
import { CommandStream } from './command_stream.ts';
import { DeviceMemory } from './device_memory.ts';
import { boundMemory, checkGrid, holdsHalves } from './dispatch.ts';
import { DeviceError } from './errors.ts';
import { FENCE_BEFORE, FENCE_BEHIND, Fences } from './fences.ts';
import {
  type DeviceArray,
  type Dispatch,
  type ElementType,
  elementBytes,
  type Gpu,
  type HostArray,
  type Storage,
} from './gpu.ts';
import type { GpuOptions } from './gpu_options.ts';
import { spreadRows } from './grid.ts';
import { fromHalves } from './half.ts';
import type { Memory, MemoryUse } from './memory_pool.ts';
import { Ownership } from './ownership.ts';
import { Philox, type PhiloxState } from './philox.ts';
import { PipelineCache } from './pipeline_cache.ts';
import { Profiler } from './profiler.ts';
import { ReadBack } from './read_back.ts';
import { defaultRungs, type KnownFaults, NO_FAULTS, type RungName, type RungTable } from './rungs.ts';
import { checkDevice } from './same_device.ts';
import type { Scope, ScopeListener } from './scope.ts';
import { type AddShaderOptions, halfVersion, type ShaderInterface } from './shader.ts';

/** Bytes of images that a device keeps where nothing else is said: WebGPU does not tell how much memory there is. */
const IMAGE_MEMORY = 2 ** 30;

/** `Gpu` on a WebGPU device: puts the runtime's parts together, checks that the device is alive, and passes each call on. */
export class WebGpu implements Gpu {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
  readonly limits: DeviceLimits;
  forcedRung: RungName | undefined;
  rungs: RungTable;
  knownFaults: KnownFaults = NO_FAULTS;
  readonly wait: <T>(pending: Promise<T>) => Promise<T>;
  #memory: DeviceMemory;
  #owners: Ownership;
  #arrays: ArrayStore;
  #stream: CommandStream;
  #pipelines: PipelineCache;
  #imageMemory: number | undefined;
  #poisons: boolean;
  #fences: Fences | undefined;
  #gridWidth: number | undefined;
  #readBack: ReadBack;
  #failure: Error | undefined;
  #closed = false;
  // A buffer that there was no room for is invalid, and so is all that uses it: that it was full says more.
  readonly #onUncaptured = (event: GPUUncapturedErrorEvent) =>
    this.#memory.onceSettled(() => this.fail(new DeviceError(`The GPU reports: ${event.error.message}`)));
  #generator: PhiloxState;

  constructor(device: GPUDevice, adapter: AdapterDescription, options: GpuOptions) {
    this.device = device;
    this.adapter = adapter;
    this.limits = limitsOf(device);
    this.forcedRung = options.rung;
    this.rungs = options.rungs ?? defaultRungs(adapter);
    this.wait = options.wait ?? ((pending) => pending);
    this.#poisons = options.poison ?? false;
    this.#imageMemory = options.imageMemory;
    this.#gridWidth = options.gridWidth;
    this.#generator = new Philox(options.seed ?? 0).state();
    this.#memory = new DeviceMemory(
      device,
      this.limits.arrayBytes,
      () => this.trim(),
      (error) => this.fail(error),
      options.fences ? [FENCE_BEFORE, FENCE_BEHIND] : undefined,
    );
    if (options.memoryLimit !== undefined) this.#memory.limit = options.memoryLimit;
    this.#owners = new Ownership((memory) => this.#arrays.release(memory));
    this.#stream = new CommandStream(device);
    this.#arrays = new ArrayStore(this, {
      ...{ memory: this.#memory, owners: this.#owners, stream: this.#stream },
      isOpen: () => !this.#closed,
    });
    this.#readBack = new ReadBack(device, this.#stream, this.wait);
    this.#pipelines = new PipelineCache(device, this.#stream.paramsLayout, options.shaders);
    if (options.fences) {
      const fences = new Fences(device, this.#stream, this.#pipelines, this.#readBack);
      this.#memory.onFree = (root) => fences.lower(root);
      this.#fences = fences;
    }
    this.#pipelines.onError = (error) => this.fail(error);
    device.addEventListener('uncapturederror', this.#onUncaptured);
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

  dispatch(shader: string, call: Dispatch): void {
    this.#check();
    const { shaders: wrong } = this.knownFaults;
    if (wrong.length > 0 && wrong.includes(shader.split('<')[0])) {
      throw new DeviceError(
        `This adapter computes ${call.operation ?? shader} (${shader}.wgsl) wrongly, as \`wgrad verify\` found: update its driver and verify again, or take another adapter.`,
      );
    }
    const kernel = this.#pipelines.get(holdsHalves(call) ? this.#halfVersionOf(shader) : shader, call.constants);
    const { memories, sizes } = boundMemory(this, kernel, call);
    this.#fences?.widen(memories, sizes);
    const { workgroups, invocations = 0 } = call;
    const groups = workgroups ? 0 : Math.ceil(invocations / kernel.workgroupSize);
    const rows = spreadRows(groups, this.#gridWidth);
    const x = workgroups ? workgroups[0] : Math.ceil(groups / rows);
    const y = workgroups ? (workgroups[1] ?? 1) : rows;
    const z = workgroups?.[2] ?? 1;
    checkGrid(call.operation ?? shader, x, y, z, this.limits);
    if (x * y * z > 0) this.#stream.dispatch(kernel, memories, sizes, call.params, x, y, z, call);
  }

  /** A shader that has no form in half precision stays as it is, and then refuses the array by name. */
  #halfVersionOf(shader: string): string {
    return this.#pipelines.interfaceOf(shader).bindings.some(({ open }) => open) ? halfVersion(shader) : shader;
  }

  addShader(name: string, wgsl: string, options?: AddShaderOptions): Promise<ShaderInterface> {
    this.#check();
    return this.#pipelines.add(name, wgsl, options);
  }

  shader(name: string): ShaderInterface {
    return this.#pipelines.interfaceOf(name);
  }

  flush(): void {
    this.#check();
    this.#stream.flush();
  }

  async finish(): Promise<void> {
    await this.submittedWorkDone();
    await this.#settle();
    await this.#fences?.check();
  }

  submittedWorkDone(): Promise<void> {
    this.flush();
    return this.wait(this.device.queue.onSubmittedWorkDone().then(() => {}));
  }

  get supportsF16(): boolean {
    return this.device.features.has('shader-f16');
  }

  get counters() {
    return { ...this.#stream.counters, pipelines: this.#pipelines.count, buffers: this.#memory.buffers };
  }

  get profiler(): Profiler | undefined {
    return this.#stream.profiler;
  }

  startProfiler(): Profiler {
    this.flush();
    this.#stream.profiler ??= new Profiler(this.device, () => this.flush(), this.wait);
    return this.#stream.profiler;
  }

  stopProfiler(): void {
    this.flush();
    this.#stream.profiler = undefined;
  }

  // -- Memory -------------------------------------------------------------------------------------------------------------------------

  get memory(): MemoryUse {
    return this.#memory.use;
  }

  get memoryLimit(): number {
    return this.#memory.limit;
  }

  set memoryLimit(bytes: number) {
    this.#memory.limit = bytes;
  }

  get imageMemory(): number {
    return this.#imageMemory ?? Math.min(IMAGE_MEMORY, this.memoryLimit / 4);
  }

  set imageMemory(bytes: number) {
    this.#imageMemory = bytes;
  }

  resetPeakBytes(): void {
    this.#memory.resetPeak();
  }

  alloc<T extends ElementType>(length: number, type: T, operation: string, storage: Storage = type): DeviceArray<T> {
    this.#check();
    const array = this.#arrays.alloc(length, type, operation, storage);
    if (this.#poisons) this.#poison(array);
    this.#fences?.raise(array);
    return array;
  }

  upload<A extends Float32Array | Uint32Array>(
    data: A,
    operation: string,
  ): DeviceArray<A extends Float32Array ? 'f32' : 'u32'> {
    const type = (data instanceof Float32Array ? 'f32' : 'u32') as A extends Float32Array ? 'f32' : 'u32';
    const array = this.alloc(data.length, type, operation);
    this.write(array, data);
    return array;
  }

  write(array: DeviceArray, data: Float32Array | Uint32Array): void {
    this.#check();
    this.#arrays.write(array, data);
  }

  copyRange(from: DeviceArray, fromStart: number, to: DeviceArray, toStart: number, length: number): void {
    this.#check();
    this.#arrays.copyRange(from, fromStart, to, toStart, length);
  }

  part<T extends ElementType>(array: DeviceArray<T>, start: number, length: number, operation: string): DeviceArray<T> {
    return this.#arrays.part(array, start, length, operation);
  }

  move(array: DeviceArray, place: DeviceArray): void {
    this.#check();
    this.#arrays.move(array, place);
  }

  async read<T extends ElementType>(array: DeviceArray<T>): Promise<HostArray<T>> {
    this.#check();
    checkDevice(this, 'read', array);
    const { memory } = array;
    let copy: ArrayBuffer;
    try {
      copy = await this.#readBack.read(memory, array.length * elementBytes(array.storage));
    } catch (cause) {
      // What the device reported says more than the failure to map.
      await this.#settle();
      throw new DeviceError(`Reading '${array.origin}' back from the GPU failed.`, { cause });
    }
    await this.#settle();
    if (array.storage === 'f16') return fromHalves(new Uint16Array(copy)) as HostArray<T>;
    return (array.type === 'f32' ? new Float32Array(copy) : new Uint32Array(copy)) as HostArray<T>;
  }

  recycle(array: DeviceArray, memory: Memory): void {
    this.#arrays.recycle(array, memory);
  }

  trim(): void {
    this.#stream.flush();
    this.#memory.destroyFree();
    this.#stream.forgetBindGroups();
  }

  #poison(array: DeviceArray): void {
    const words = array.bytes / 4;
    const groups = Math.min(words, 65_535);
    const kernel = this.#pipelines.get('poison');
    this.#stream.dispatch(kernel, [array.memory], [array.bytes], { count: words }, groups, 1, 1, { flops: 0 });
  }

  // -- Ownership ----------------------------------------------------------------------------------------------------------------------

  scope<R>(work: () => R): R {
    return this.#owners.run(work);
  }

  unscoped<R>(work: () => R): R {
    return this.#owners.runUnscoped(work);
  }

  get currentScope(): Scope | undefined {
    return this.#owners.scope;
  }

  get scopeListeners(): ScopeListener[] {
    return this.#owners.listeners;
  }

  keep(array: DeviceArray): void {
    checkDevice(this, 'keep', array);
    this.#owners.keep(array);
  }

  drop(array: DeviceArray): void {
    checkDevice(this, 'drop', array);
    this.#owners.drop(array);
  }

  watch(array: DeviceArray): void {
    checkDevice(this, 'watch', array);
    this.#owners.watch(array);
  }

  // -- Random numbers -----------------------------------------------------------------------------------------------------------------

  takeRandom(): { seedLow: number; seedHigh: number; offset: number } {
    const { seed, offset } = this.#generator;
    this.#generator.offset++;
    return { seedLow: seed % 2 ** 32, seedHigh: Math.floor(seed / 2 ** 32), offset };
  }

  get generator(): PhiloxState {
    return { ...this.#generator };
  }

  set generator(state: PhiloxState) {
    this.#generator = { ...state };
  }

  // -- Failures and the end -----------------------------------------------------------------------------------------------------------

  fail(error: Error): void {
    this.#failure ??= error;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Dawn never lets go of a listener, and with it of all that belongs to the device.
    this.device.removeEventListener('uncapturederror', this.#onUncaptured);
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
}
