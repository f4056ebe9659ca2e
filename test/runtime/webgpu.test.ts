import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { add, fill } from '../../src/kernels/elementwise.ts';
import { openDevice } from '../../src/node.ts';
import { useGpu } from '../gpu.ts';
import { runProgram } from '../run_program.ts';

const held = useGpu({ fences: false });

describe('scopes', () => {
  it('recycle what was born inside, save what is returned, however deep', () => {
    const { gpu } = held;
    const before = gpu.memory.liveBytes;
    const { kept, list } = gpu.scope(() => {
      const inner = gpu.scope(() => [fill(gpu, 100, 1), fill(gpu, 1000, 2)]);
      fill(gpu, 5000, 3);
      return { kept: inner[0], list: [inner[1]] };
    });
    expect(gpu.memory.liveBytes - before).toBe(448 + 4096);
    kept.release();
    list[0].release();
    expect(gpu.memory.liveBytes).toBe(before);
  });

  it('recycle everything when the work throws, and let asynchronous work go on', async () => {
    const { gpu } = held;
    const before = gpu.memory.liveBytes;
    expect(() =>
      gpu.scope(() => {
        fill(gpu, 10, 1);
        throw new Error('halt');
      }),
    ).toThrow('halt');
    const values = await gpu.scope(async () => await fill(gpu, 3, 7).read());
    expect([...values]).toEqual([7, 7, 7]);
    expect(gpu.memory.liveBytes).toBe(before);
  });

  it('let kept arrays go on living', async () => {
    const { gpu } = held;
    let kept = fill(gpu, 1, 0);
    gpu.scope(() => {
      kept = fill(gpu, 5, 4).keep();
    });
    expect([...(await kept.read())]).toEqual([4, 4, 4, 4, 4]);
  });

  it('make a use after recycling an error that names the operation', () => {
    const { gpu } = held;
    let stale = fill(gpu, 1, 0);
    gpu.scope(() => {
      stale = fill(gpu, 5, 4);
    });
    expect(() => add(stale, stale)).toThrow("The result of 'fill' was used after its memory was recycled");
  });

  it('say the same of a read', async () => {
    const { gpu } = held;
    const stale = fill(gpu, 5, 4);
    stale.release();
    await expect(stale.read()).rejects.toThrow("The result of 'fill' was used after its memory was recycled");
  });

  it('hand out the same buffers for the same work, so that nothing new is made', () => {
    const { gpu } = held;
    const work = () =>
      gpu.scope(() => {
        const a = fill(gpu, 300, 1);
        const b = add(a, fill(gpu, 300, 2));
        gpu.drop(a);
        add(b, fill(gpu, 300, 3));
      });
    work();
    work();
    const { buffers, bindGroups, pipelines } = gpu.counters;
    for (let i = 0; i < 20; i++) work();
    expect(gpu.counters).toMatchObject({ buffers, bindGroups, pipelines });
  });
});

it('gives each dispatch of a batch, and of the batches after it, its own params', async () => {
  const { gpu } = held;
  // Three batches of 64 and a part of one. Each array is read by nobody else before the end.
  const values = await gpu.scope(() => {
    const arrays = Array.from({ length: 200 }, (_, i) => fill(gpu, 5, i));
    return Promise.all(arrays.map((array) => array.keep().read()));
  });
  expect(values.map((array) => [...array])).toEqual(Array.from({ length: 200 }, (_, i) => new Array(5).fill(i)));
});

describe('errors', () => {
  it('names operation, argument and both sizes', () => {
    const { gpu } = held;
    expect(() => add(fill(gpu, 3, 1), fill(gpu, 4, 1))).toThrow(
      "add: 'b' must hold 3 elements but holds 4 (it came from 'fill').",
    );
  });

  it('refuses an array beyond the memory limit, naming the operation and the bytes, and goes on', async () => {
    const gpu = await openDevice({ memoryLimit: 1_000_000 });
    try {
      expect(() => fill(gpu, 1_000_000, 1)).toThrow('fill: no room for 4000000 bytes (0 of 1000000 are in use)');
      expect((await fill(gpu, 2, 5).read())[1]).toBe(5);
      // Free buffers of other sizes are given up before a request fails.
      for (let size = 10_000; size < 220_000; size += 10_000) gpu.scope(() => void fill(gpu, size, 1));
      expect(gpu.memory.heldBytes).toBeLessThanOrEqual(1_000_000);
    } finally {
      gpu.close();
    }
  });

  it('refuses an array larger than the adapter can bind', () => {
    const { gpu } = held;
    const most = gpu.device.limits.maxStorageBufferBindingSize;
    expect(() => gpu.alloc(most / 4 + 4, 'f32', 'test')).toThrow(
      `test: one array of ${most + 16} bytes is more than the ${most}`,
    );
  });

  it('turns what the device reports into an exception', async () => {
    const gpu = await openDevice();
    gpu.device.createBuffer({ size: 4, usage: 0x80 }).destroy();
    gpu.device.queue.writeBuffer(gpu.device.createBuffer({ size: 4, usage: 0x80 }), 0, new Uint32Array(1));
    await expect(gpu.finish()).rejects.toThrow('The GPU reports:');
    gpu.close();
  });

  it('says that the device was lost', async () => {
    const gpu = await openDevice();
    gpu.device.destroy();
    await gpu.device.lost;
    expect(() => fill(gpu, 1, 1)).toThrow('The GPU device was lost');
    gpu.close();
    expect(() => fill(gpu, 1, 1)).toThrow('The GPU device is closed.');
  });

  it('says which adapters there are where none matches', async () => {
    await expect(openDevice({ adapter: 'no such thing' })).rejects.toThrow(
      "No adapter matches 'no such thing'. Found: ",
    );
  });
});

it('lets the process end by itself, at once, after close()', () => {
  const program = "import { openDevice } from './src/node.ts'; const gpu = await openDevice(); gpu.close();";
  const started = performance.now();
  const { status, signal } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: new URL('../..', import.meta.url),
    timeout: 30_000,
  });
  expect({ status, signal }).toEqual({ status: 0, signal: null });
  expect(performance.now() - started).toBeLessThan(20_000);
});

it('poisons new memory when asked, so that unwritten results show', async () => {
  const { gpu } = held;
  expect([...(await gpu.alloc(5, 'f32', 'test').read())].every(Number.isNaN)).toBe(true);
});

it('a device that was closed is let go of, with all that lay on it', () => {
  const program = `
    const { Adam, createModel, openDevice, sum, tensor } = await import('wgrad');
    const closed = [];
    async function use() {
      const gpu = await openDevice();
      const model = createModel(gpu, 'custom-cnn', { width: 1 / 16, imageSize: 8 });
      const adam = new Adam(model.parameters(), { lr: 1e-3 });
      gpu.scope(() => {
        sum(model.call(tensor(gpu, new Float32Array(384), [2, 8, 8, 3]))).backward();
        adam.step();
      });
      await gpu.finish();
      gpu.close();
      closed.push(new WeakRef(gpu), new WeakRef(gpu.device), new WeakRef(model));
    }
    for (let i = 0; i < 3; i++) await use();
    for (let i = 0; i < 10; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    console.log(closed.filter((reference) => reference.deref()).length);`;
  const { stdout, stderr } = runProgram(['--expose-gc', '--input-type=module', '-e', program]);
  expect([stdout, stderr]).toEqual(['0\n', '']);
}, 60_000);
