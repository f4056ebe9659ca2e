import type { Memory } from './memory_pool.ts';
import type { Kernel } from './pipeline_cache.ts';
import type { Profiler } from './profiler.ts';
import { PARAM_BYTES } from './shader.ts';

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
const PARAM_WORDS = PARAM_BYTES / 4;

/**
 * Gathers dispatches in one compute pass and submits them in batches. The params of a batch are written into one buffer in one upload. Each dispatch
 * of a batch has a slot of that buffer, with a bind group of its own that is made once: dynamic offsets would cost a software driver more than a
 * small kernel does (docs/benchmarks.md). Uploads, submits and copies reach the queue in the order of the calls.
 */
export class CommandStream {
  readonly counters: Counters = { dispatches: 0, submits: 0, bindGroups: 0, readbacks: 0, uploads: 0 };
  /** Times every dispatch while it is set. Change it only after `flush`. */
  profiler: Profiler | undefined;
  #device: GPUDevice;
  /** Layout of bind group 1, the params, of all kernels that have some. */
  readonly paramsLayout: GPUBindGroupLayout;
  #uniforms: GPUBuffer;
  #slots: GPUBindGroup[];
  #words = new ArrayBuffer(BATCH * PARAM_BYTES);
  #u32 = new Uint32Array(this.#words);
  #i32 = new Int32Array(this.#words);
  #f32 = new Float32Array(this.#words);
  /** Dispatches gathered, and the slots up to the last one whose params were written. */
  #pending = 0;
  #slotsUsed = 0;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  #bindGroups = new Map<string, BoundGroup>();
  #lastBound: BoundGroup | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
    const size = BATCH * PARAM_BYTES;
    const buffer = device.createBuffer({ label: 'params', size, usage: 0x40 | 0x08 }); // UNIFORM | COPY_DST
    this.#uniforms = buffer;
    const layout = device.createBindGroupLayout({
      label: 'params',
      entries: [{ binding: 0, visibility: 4, buffer: { type: 'uniform' } }], // GPUShaderStage.COMPUTE
    });
    this.paramsLayout = layout;
    this.#slots = Array.from({ length: BATCH }, (_, slot) =>
      device.createBindGroup({
        layout,
        entries: [{ binding: 0, resource: { buffer, offset: slot * PARAM_BYTES, size: PARAM_BYTES } }],
      }),
    );
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
    if (this.#pending >= BATCH) this.flush();
    const slot = this.#pending;
    const hasParams = kernel.io.params.length > 0;
    if (hasParams) this.#writeParams(kernel, params, slot * PARAM_WORDS);
    if (this.profiler) this.#beginProfiledPass(this.profiler, kernel, memories, sizes, [x, y, z], notes);
    this.#pass ??= this.#encoderNow().beginComputePass();
    this.#pass.setPipeline(kernel.pipeline);
    this.#pass.setBindGroup(0, this.#bindGroup(kernel, memories, sizes));
    if (hasParams) {
      this.#pass.setBindGroup(1, this.#slots[slot]);
      this.#slotsUsed = slot + 1;
    }
    this.#pass.dispatchWorkgroups(x, y, z);
    if (this.profiler) this.#endPass();
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
  #bindGroup(kernel: Kernel, memories: readonly Memory[], sizes: readonly number[]): GPUBindGroup {
    const guess = this.#lastBound?.next;
    const bound =
      guess !== undefined && binds(guess, kernel, memories, sizes) ? guess : this.#findOrMake(kernel, memories, sizes);
    if (this.#lastBound !== undefined) this.#lastBound.next = bound;
    this.#lastBound = bound;
    return bound.group;
  }

  #findOrMake(kernel: Kernel, memories: readonly Memory[], sizes: readonly number[]): BoundGroup {
    let key = `${kernel.id}`;
    for (let i = 0; i < memories.length; i++) key += `,${memories[i].serial}+${memories[i].offset}:${sizes[i]}`;
    let bound = this.#bindGroups.get(key);
    if (bound === undefined) {
      const entries: GPUBindGroupEntry[] = kernel.io.bindings.map(({ binding }, i) => ({
        binding,
        resource: { buffer: memories[i].buffer, offset: memories[i].offset, size: sizes[i] },
      }));
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
    if (this.#slotsUsed > 0)
      this.#device.queue.writeBuffer(this.#uniforms, 0, this.#words, 0, this.#slotsUsed * PARAM_BYTES);
    this.#device.queue.submit([this.#encoder.finish()]);
    this.#encoder = undefined;
    this.#pending = 0;
    this.#slotsUsed = 0;
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
