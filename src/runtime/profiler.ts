/** What the command stream says of a dispatch. */
export interface DispatchLabel {
  /** Name of the shader. */
  kernel: string;
  operation: string;
  /** Floating-point operations, where the kernel function states them. */
  flops: number | undefined;
  /** Bytes of the arrays it is bound to, each counted once, unless the kernel function states what it moves. */
  bytes: number;
  workgroups: readonly [number, number, number];
}

/** One dispatch as it ran. Times are milliseconds; `start` counts from the first dispatch profiled. */
export interface ProfiledDispatch extends DispatchLabel {
  start: number;
  duration: number;
}

/** All dispatches of one shader for one operation. */
export interface KernelTotals {
  kernel: string;
  operation: string;
  calls: number;
  /** Milliseconds on the device. */
  ms: number;
  /** Of the time of all kernels together. */
  share: number;
  /** Undefined where the kernel functions state no operations. */
  gflops: number | undefined;
  gbps: number;
}

export interface Profile {
  /**
   * 'timestamps': each dispatch was timed by the device. 'wall': the adapter has no timestamp queries; the wall time of each submitted batch was
   * shared among its dispatches by the bytes they move, which is an estimate and no more.
   */
  clock: 'timestamps' | 'wall';
  /** Slowest first. */
  kernels: KernelTotals[];
  dispatches: number;
  /** Milliseconds of all kernels together. */
  ms: number;
}

interface Totals {
  label: DispatchLabel;
  calls: number;
  ms: number;
  flops: number;
  bytes: number;
}

/** Two timestamps a dispatch; 4096 queries are the most that WebGPU grants a set. */
const QUERIES = 4096;
const TIMESTAMP_BYTES = 8;
/** Dispatches kept one by one for the trace; of those after them only the totals are kept. */
const TRACED = 200_000;

/**
 * Times every dispatch. Each one gets a compute pass of its own with a timestamp at both ends; the timestamps of up to 2048 dispatches are resolved at
 * once and read back behind the work, so memory stays small however long the profile. Copies between buffers are not timed.
 * Passes of their own keep neighbouring dispatches from overlapping, so a device with many cores takes somewhat longer than unprofiled.
 */
export class Profiler {
  readonly clock: Profile['clock'];
  #device: GPUDevice;
  #flush: () => void;
  #wait: <T>(pending: Promise<T>) => Promise<T>;
  #queries: GPUQuerySet | undefined;
  #resolved: GPUBuffer | undefined;
  /** Dispatches whose timestamps are in the query set. */
  #open: DispatchLabel[] = [];
  #readings: Promise<void>[] = [];
  #failure: unknown;
  #totals = new Map<string, Totals>();
  #trace: ProfiledDispatch[] = [];
  #dispatches = 0;
  #origin: number | undefined;
  #idleSince = 0;

  /** flush: sends the work gathered so far. wait: waits for a promise of the device's. */
  constructor(device: GPUDevice, flush: () => void, wait: <T>(pending: Promise<T>) => Promise<T>) {
    this.#device = device;
    this.#flush = flush;
    this.#wait = wait;
    this.clock = device.features.has('timestamp-query') ? 'timestamps' : 'wall';
    if (this.clock === 'timestamps') {
      this.#queries = device.createQuerySet({ label: 'profiler', type: 'timestamp', count: QUERIES });
      const size = QUERIES * TIMESTAMP_BYTES;
      this.#resolved = device.createBuffer({ label: 'profiler', size, usage: 0x200 | 0x04 }); // QUERY_RESOLVE | COPY_SRC
    }
  }

  /** Notes a dispatch that is about to be encoded; returns what its pass is to be opened with. Called by the command stream. */
  begin(label: DispatchLabel): GPUComputePassDescriptor | undefined {
    const index = 2 * this.#open.push(label) - 2;
    const querySet = this.#queries;
    return (
      querySet && {
        timestampWrites: { querySet, beginningOfPassWriteIndex: index, endOfPassWriteIndex: index + 1 },
      }
    );
  }

  /** Ends a batch: resolves the query set into a buffer if it has no room for `next` more dispatches. Called before the encoder is finished. */
  endBatch(encoder: GPUCommandEncoder, next: number): void {
    if (this.#queries && 2 * (this.#open.length + next) > QUERIES) this.#resolve(encoder);
  }

  /** A batch was submitted. Called by the command stream. */
  submitted(): void {
    if (this.clock === 'timestamps' || this.#open.length === 0) return;
    const labels = this.#open;
    this.#open = [];
    const sent = performance.now();
    this.#follow(
      this.#wait(this.#device.queue.onSubmittedWorkDone()).then(() => {
        const done = performance.now();
        const start = Math.max(sent, this.#idleSince);
        this.#idleSince = done;
        const bytes = labels.reduce((sum, label) => sum + label.bytes, 0);
        let at = start;
        for (const label of labels) {
          const duration = ((done - start) * label.bytes) / bytes;
          this.#add(label, at, duration);
          at += duration;
        }
      }),
    );
  }

  #resolve(encoder: GPUCommandEncoder): void {
    const labels = this.#open;
    this.#open = [];
    const size = 2 * labels.length * TIMESTAMP_BYTES;
    const resolved = this.#resolved as GPUBuffer;
    const staging = this.#device.createBuffer({ label: 'profiler', size, usage: 0x01 | 0x08 }); // MAP_READ | COPY_DST
    encoder.resolveQuerySet(this.#queries as GPUQuerySet, 0, 2 * labels.length, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    // The encoder is submitted in the same turn; the buffer may be mapped only after that.
    this.#follow(Promise.resolve().then(() => this.#read(staging, labels)));
  }

  async #read(staging: GPUBuffer, labels: readonly DispatchLabel[]): Promise<void> {
    await this.#wait(staging.mapAsync(1)); // GPUMapMode.READ
    const times = new BigUint64Array(staging.getMappedRange());
    for (const [i, label] of labels.entries()) {
      const [begin, end] = [Number(times[2 * i]), Number(times[2 * i + 1])];
      // WebGPU lets a timestamp run backwards, where a device resets its clock.
      this.#add(label, begin / 1e6, Math.max(0, end - begin) / 1e6);
    }
    staging.destroy();
  }

  /** Remembers a reading under way; what goes wrong in it is thrown by the next report. */
  #follow(reading: Promise<void>): void {
    const followed = reading.catch((error) => {
      this.#failure ??= error;
    });
    this.#readings.push(followed);
    void followed.then(() => this.#readings.splice(this.#readings.indexOf(followed), 1));
  }

  #add(label: DispatchLabel, at: number, duration: number): void {
    this.#origin ??= at;
    this.#dispatches++;
    if (this.#trace.length < TRACED) this.#trace.push({ ...label, start: at - this.#origin, duration });
    const key = `${label.kernel} ${label.operation}`;
    let totals = this.#totals.get(key);
    if (totals === undefined) {
      totals = { label, calls: 0, ms: 0, flops: 0, bytes: 0 };
      this.#totals.set(key, totals);
    }
    totals.calls++;
    totals.ms += duration;
    totals.flops += label.flops ?? 0;
    totals.bytes += label.bytes;
  }

  /** Waits until all dispatches so far have run and been read. Throws what went wrong on the device. */
  async #settle(): Promise<void> {
    this.#flush();
    if (this.#queries && this.#open.length > 0) {
      const encoder = this.#device.createCommandEncoder();
      this.#resolve(encoder);
      this.#device.queue.submit([encoder.finish()]);
    }
    await Promise.all(this.#readings);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits for the device and adds up all dispatches since the profiler was started or reset. */
  async report(): Promise<Profile> {
    await this.#settle();
    const all = [...this.#totals.values()];
    const ms = all.reduce((sum, totals) => sum + totals.ms, 0);
    const kernels = all.map(({ label: { kernel, operation }, calls, ms: own, flops, bytes }) => ({
      ...{ kernel, operation, calls, ms: own, share: ms > 0 ? own / ms : 0 },
      gflops: flops > 0 && own > 0 ? flops / own / 1e6 : undefined,
      gbps: own > 0 ? bytes / own / 1e6 : 0,
    }));
    kernels.sort((a, b) => b.ms - a.ms);
    return { clock: this.clock, kernels, dispatches: this.#dispatches, ms };
  }

  /** Waits for the device and returns the dispatches in the order they ran, at most the first 200,000. */
  async dispatches(): Promise<readonly ProfiledDispatch[]> {
    await this.#settle();
    return this.#trace;
  }

  /** Gives the device memory back. Nothing may be profiled by it any more. */
  async close(): Promise<void> {
    await this.#settle();
    this.#queries?.destroy();
    this.#resolved?.destroy();
  }
}
