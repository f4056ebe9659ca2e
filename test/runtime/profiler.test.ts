import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { add, fill } from '../../src/kernels/elementwise.ts';
import { matmul } from '../../src/kernels/matmul.ts';
import { Adam, CrossEntropyLoss, CustomCNN, type Gpu, indices, openDevice, tensor } from '../../src/node.ts';
import { traceOf } from '../../src/runtime/trace.ts';
import { randomValues } from '../gpu.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openDevice({ profile: true });
});
afterAll(() => gpu.close());

/** Lets the device profile from nothing on. */
async function startAnew(): Promise<void> {
  const before = gpu.profiler;
  gpu.stopProfiler();
  await before?.close();
  gpu.startProfiler();
}

/** Loss and all weights after two training steps of a narrow network on a device of the same seed. */
async function trainedBits(profile: boolean): Promise<Float32Array[]> {
  const device = await openDevice({ seed: 7, profile });
  try {
    const model = new CustomCNN(device, { width: 0.0625 });
    const optimizer = new Adam(model.parameters());
    const loss = new CrossEntropyLoss();
    const losses: Float32Array[] = [];
    for (let step = 0; step < 2; step++) {
      const value = device.scope(() => {
        const images = tensor(device, randomValues(4 * 32 * 32 * 3, step), [4, 32, 32, 3]);
        optimizer.zeroGrad();
        const result = loss.call(model.call(images), indices(device, [3, 1, 4, 1]));
        result.backward();
        optimizer.step();
        return result;
      });
      losses.push(await value.data());
    }
    for (const parameter of model.parameters()) losses.push(await parameter.data());
    if (profile) expect((await device.profiler!.report()).dispatches).toBe(device.counters.dispatches);
    return losses;
  } finally {
    device.close();
  }
}

describe('profiler', () => {
  it('counts every dispatch once, by shader and operation, over many batches', async () => {
    await startAnew();
    const before = gpu.counters.dispatches;
    // More than one query set holds, and not a multiple of a batch.
    gpu.scope(() => {
      const one = fill(gpu, 1000, 1);
      for (let i = 0; i < 2500; i++) gpu.scope(() => void add(one, one));
    });
    const { kernels, dispatches, ms, clock } = await gpu.profiler!.report();
    expect(clock).toBe(gpu.device.features.has('timestamp-query') ? 'timestamps' : 'wall');
    expect(dispatches).toBe(2501);
    expect(gpu.counters.dispatches - before).toBe(2501);
    const calls = Object.fromEntries(kernels.map((totals) => [totals.operation, totals.calls]));
    expect(calls).toEqual({ add: 2500, fill: 1 });
    expect(ms).toBeGreaterThan(0);
    expect(kernels.reduce((sum, totals) => sum + totals.share, 0)).toBeCloseTo(1, 10);
    expect(kernels.reduce((sum, totals) => sum + totals.ms, 0)).toBeCloseTo(ms, 6);
    for (let i = 1; i < kernels.length; i++) expect(kernels[i].ms).toBeLessThanOrEqual(kernels[i - 1].ms);
  });

  it('reports operations and bytes as rates, an array bound twice counted once', async () => {
    await startAnew();
    const [m, n, k] = [64, 32, 128];
    gpu.scope(() => {
      const a = fill(gpu, m * k, 1);
      matmul(a, fill(gpu, k * n, 2), { m, n, k });
      add(a, a);
    });
    const ran = await gpu.profiler!.dispatches();
    const product = ran.find((dispatch) => dispatch.operation === 'matmul')!;
    expect(product.kernel).toMatch(/^matmul_/);
    expect(product.flops).toBe(2 * m * n * k);
    expect(product.bytes).toBe(4 * (m * k + k * n + m * n));
    expect(product.duration).toBeGreaterThan(0);
    expect(ran.find((dispatch) => dispatch.operation === 'add')!.bytes).toBe(4 * 2 * m * k);
    const { kernels } = await gpu.profiler!.report();
    const totals = kernels.find((kernel) => kernel.operation === 'matmul')!;
    expect(totals.gflops).toBeCloseTo(product.flops! / product.duration / 1e6, 6);
    expect(totals.gbps).toBeCloseTo(product.bytes / product.duration / 1e6, 6);
    expect(kernels.find((kernel) => kernel.operation === 'fill')!.gflops).toBeUndefined();
  });

  it('does not count what runs while it is off, and starts and stops at any time', async () => {
    const device = await openDevice();
    try {
      expect(device.profiler).toBeUndefined();
      fill(device, 10, 1);
      const profiler = device.startProfiler();
      expect(device.startProfiler()).toBe(profiler);
      fill(device, 10, 2);
      device.stopProfiler();
      fill(device, 10, 3);
      expect((await profiler.report()).dispatches).toBe(1);
      expect(device.profiler).toBeUndefined();
      await profiler.close();
    } finally {
      device.close();
    }
  });

  it('changes no bit of a training', async () => {
    const plain = await trainedBits(false);
    const profiled = await trainedBits(true);
    expect(profiled).toEqual(plain);
    expect(plain.every((values) => values.every(Number.isFinite))).toBe(true);
  });

  it('estimates from the wall time of batches where the adapter has no timestamp queries', async () => {
    const device = await openDevice();
    try {
      const { features } = device.device;
      Object.defineProperty(device.device, 'features', {
        value: new Set([...features].filter((name) => name !== 'timestamp-query')),
      });
      const profiler = device.startProfiler();
      device.scope(() => {
        const a = fill(device, 256 * 256, 1);
        matmul(a, a, { m: 256, n: 256, k: 256 });
      });
      const { clock, dispatches, ms } = await profiler.report();
      expect(clock).toBe('wall');
      expect(dispatches).toBe(2);
      expect(ms).toBeGreaterThan(0);
    } finally {
      device.close();
    }
  });
});

describe('trace', () => {
  it('holds every dispatch as one complete event, in order, in microseconds', async () => {
    await startAnew();
    gpu.scope(() => void add(fill(gpu, 500, 1), fill(gpu, 500, 2)));
    const ran = await gpu.profiler!.dispatches();
    const trace = JSON.parse(JSON.stringify(traceOf(ran, 'the adapter')));
    const events = trace.traceEvents.filter((event: { ph: string }) => event.ph === 'X');
    expect(events.map((event: { cat: string }) => event.cat)).toEqual(['fill', 'fill', 'add']);
    expect(events[0].ts).toBe(0);
    for (const [i, event] of events.entries()) {
      expect(event.dur).toBeCloseTo(ran[i].duration * 1000, 6);
      if (i > 0) expect(event.ts).toBeGreaterThanOrEqual(events[i - 1].ts + events[i - 1].dur);
    }
    expect(trace.traceEvents[0]).toMatchObject({ name: 'process_name', ph: 'M', args: { name: 'the adapter' } });
  });
});
