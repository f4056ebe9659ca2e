import type { Memory } from './memory_pool.ts';
import type { Kernel } from './pipeline_cache.ts';
import type { Profiler } from './profiler.ts';

/** Work done since the device was opened; a steady training step adds to `dispatches`, `submits` and nothing else but read-backs asked for. */
export interface Counters {
  dispatches: number;
  submits: number;
  bindGroups: number;
  readbacks: number;
  uploads: number;
}

/** What a profile says of a dispatch, beside its shader. */
export interface DispatchNotes {
  operation?: string;
  flops?: number;
  bytes?: number;
}

/** A bind group with what it binds, and the one that was asked for after it the last time. */
interface BoundGroup {
  kernel: Kernel;
  memories: readonly Memory[];
  sizes: readonly number[];
  group: GPUBindGroup;
  next: BoundGroup | undefined;
}

/** Dispatches gathered before they are sent: enough to make a submit cheap, few enough that the device starts early. */
const BATCH = 64;
const UNIFORM_BYTES = 65_536;

/**
 * Gathers dispatches in one compute pass and submits them in batches. The uniforms of a batch are written into one buffer in one upload;
 * each dispatch finds its own by a dynamic offset. Uploads, submits and copies reach the queue in the order of the calls.
 */
export class CommandStream {
  readonly counters: Counters = { dispatches: 0, submits: 0, bindGroups: 0, readbacks: 0, uploads: 0 };
  /** Times every dispatch while it is set. Change it only after `flush`. */
  profiler: Profiler | undefined;
  #device: GPUDevice;
  #alignment: number;
  #uniforms: GPUBuffer;
  #words = new ArrayBuffer(UNIFORM_BYTES);
  #u32 = new Uint32Array(this.#words);
  #i32 = new Int32Array(this.#words);
  #f32 = new Float32Array(this.#words);
  #used = 0;
  #pending = 0;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  #bindGroups = new Map<string, BoundGroup>();
  #lastBound: BoundGroup | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#alignment = device.limits.minUniformBufferOffsetAlignment;
    this.#uniforms = device.createBuffer({ label: 'uniforms', size: UNIFORM_BYTES, usage: 0x40 | 0x08 }); // UNIFORM | COPY_DST
  }

  /**
   * Adds a dispatch. memories and sizes: in the order of the shader's bindings. params: by the names of its uniform struct's fields; a
   * missing one is an error. x, y, z: workgroups. notes: for the profiler.
   */
  dispatch(
    kernel: Kernel,
    memories: readonly Memory[],
    sizes: readonly number[],
    params: Readonly<Record<string, number>> | undefined,
    x: number,
    y: number,
    z: number,
    notes?: DispatchNotes,
  ): void {
    const paramBytes = kernel.io.params.length * 4;
    if (this.#used + paramBytes > UNIFORM_BYTES || this.#pending >= BATCH) this.flush();
    const offset = this.#used;
    if (paramBytes > 0) this.#writeParams(kernel, params, offset / 4);
    if (this.profiler) this.#beginProfiledPass(this.profiler, kernel, memories, sizes, [x, y, z], notes);
    this.#pass ??= this.#encoderNow().beginComputePass();
    this.#pass.setPipeline(kernel.pipeline);
    const group = this.#bindGroup(kernel, memories, sizes, paramBytes);
    if (paramBytes > 0) this.#pass.setBindGroup(0, group, [offset]);
    else this.#pass.setBindGroup(0, group);
    this.#pass.dispatchWorkgroups(x, y, z);
    if (this.profiler) this.#endPass();
    this.#used = Math.ceil((offset + paramBytes) / this.#alignment) * this.#alignment;
    this.#pending++;
    this.counters.dispatches++;
  }

  #beginProfiledPass(
    profiler: Profiler,
    kernel: Kernel,
    memories: readonly Memory[],
    sizes: readonly number[],
    workgroups: readonly [number, number, number],
    notes: DispatchNotes | undefined,
  ): void {
    // An array bound twice is in the caches the second time, or stands for a binding that is not read.
    const bound = sizes.reduce((sum, size, i) => (memories.indexOf(memories[i]) === i ? sum + size : sum), 0);
    const description = profiler.begin({
      kernel: kernel.shader,
      operation: notes?.operation ?? kernel.shader,
      flops: notes?.flops,
      bytes: notes?.bytes ?? bound,
      workgroups,
    });
    this.#endPass();
    this.#pass = this.#encoderNow().beginComputePass(description);
  }

  #writeParams(kernel: Kernel, params: Readonly<Record<string, number>> | undefined, word: number): void {
    let at = word;
    for (const { name, type } of kernel.io.params) {
      const value = params?.[name];
      if (value === undefined) throw new Error(`shaders/${kernel.shader}.wgsl: the parameter '${name}' was not given.`);
      if (type === 'f32') this.#f32[at++] = value;
      else if (type === 'i32') this.#i32[at++] = value;
      else this.#u32[at++] = value;
    }
  }

  /** A step asks for the same groups in the same order as the one before, so the group that followed last time is tried first. */
  #bindGroup(kernel: Kernel, memories: readonly Memory[], sizes: readonly number[], paramBytes: number): GPUBindGroup {
    const guess = this.#lastBound?.next;
    const bound =
      guess !== undefined && binds(guess, kernel, memories, sizes)
        ? guess
        : this.#findOrMake(kernel, memories, sizes, paramBytes);
    if (this.#lastBound !== undefined) this.#lastBound.next = bound;
    this.#lastBound = bound;
    return bound.group;
  }

  #findOrMake(kernel: Kernel, memories: readonly Memory[], sizes: readonly number[], paramBytes: number): BoundGroup {
    let key = `${kernel.id}`;
    for (let i = 0; i < memories.length; i++) key += `,${memories[i].serial}+${memories[i].offset}:${sizes[i]}`;
    let bound = this.#bindGroups.get(key);
    if (bound === undefined) {
      const entries: GPUBindGroupEntry[] = kernel.io.bindings.map(({ binding }, i) => ({
        binding,
        resource: { buffer: memories[i].buffer, offset: memories[i].offset, size: sizes[i] },
      }));
      if (paramBytes > 0) {
        const size = Math.ceil(paramBytes / 16) * 16;
        entries.push({ binding: kernel.io.paramsBinding, resource: { buffer: this.#uniforms, offset: 0, size } });
      }
      const group = this.#device.createBindGroup({ layout: kernel.layout, entries });
      bound = { kernel, memories, sizes, group, next: undefined };
      this.#bindGroups.set(key, bound);
      this.counters.bindGroups++;
    }
    return bound;
  }

  #encoderNow(): GPUCommandEncoder {
    this.#encoder ??= this.#device.createCommandEncoder();
    return this.#encoder;
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }

  /** Adds a copy between different buffers, after the dispatches so far. */
  copy(from: GPUBuffer, fromOffset: number, to: GPUBuffer, toOffset: number, bytes: number): void {
    this.#endPass();
    this.#encoderNow().copyBufferToBuffer(from, fromOffset, to, toOffset, bytes);
  }

  /** Writes host data into memory, after the dispatches so far. */
  upload({ buffer, offset }: Memory, data: Float32Array | Uint32Array): void {
    this.flush();
    this.#device.queue.writeBuffer(buffer, offset, data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
    this.counters.uploads++;
  }

  /** Sends what has been gathered. */
  flush(): void {
    if (this.#encoder === undefined) return;
    this.#endPass();
    this.profiler?.endBatch(this.#encoder, BATCH);
    if (this.#used > 0) this.#device.queue.writeBuffer(this.#uniforms, 0, this.#words, 0, this.#used);
    this.#device.queue.submit([this.#encoder.finish()]);
    this.#encoder = undefined;
    this.#used = 0;
    this.#pending = 0;
    this.profiler?.submitted();
    this.counters.submits++;
  }

  /** Forgets the bind groups, which would keep destroyed buffers alive. */
  forgetBindGroups(): void {
    this.#bindGroups.clear();
    this.#lastBound = undefined;
  }
}

function binds(bound: BoundGroup, kernel: Kernel, memories: readonly Memory[], sizes: readonly number[]): boolean {
  if (bound.kernel !== kernel) return false;
  for (let i = 0; i < memories.length; i++) {
    if (bound.memories[i] !== memories[i] || bound.sizes[i] !== sizes[i]) return false;
  }
  return true;
}
