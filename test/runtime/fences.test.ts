import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fill } from '../../src/kernels/elementwise.ts';
import { type Gpu, openDevice } from '../../src/node.ts';

const WRITE_AT = `// Writes one word wherever it is told to.
// Dispatch: [1, 1, 1]
struct Params {
  at: u32,
}
@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
  y[params.at] = 1u;
}
`;

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openDevice({ fences: true, poison: true });
  await gpu.addShader('write_at', WRITE_AT);
});
afterAll(() => gpu.close());

const writeAt = (array: ReturnType<typeof gpu.alloc>, at: number) =>
  gpu.dispatch('write_at', { arrays: { y: [array, array.length] }, params: { at }, workgroups: [1] });

describe('fences', () => {
  it.each([0, 9, 11])('let a kernel write word %i of an array of 10, whose memory is 12 words', async (at) => {
    const array = gpu.alloc(10, 'u32', 'mine');
    writeAt(array, at);
    await gpu.finish();
    if (at < 10) expect((await array.read())[at]).toBe(1);
  });

  it.each([12, 64, 1000])('find a kernel that writes word %i of an array of 10, once', async (at) => {
    const array = gpu.alloc(10, 'u32', 'mine');
    writeAt(array, at);
    await expect(gpu.finish()).rejects.toThrow(
      `A kernel wrote outside of its arrays: 1 words around them were overwritten, first that of index ${at} of 'mine' of 10 elements.`,
    );
    await gpu.finish();
    // The array is as it was, and the device goes on.
    writeAt(array, 3);
    await gpu.finish();
    expect((await array.read())[3]).toBe(1);
  });

  it.each([5000, 2 ** 30, 2 ** 32 - 1])(
    'find a write at %i, far outside: it arrives at their last word',
    async (at) => {
      writeAt(gpu.alloc(10, 'u32', 'mine'), at);
      await expect(gpu.finish()).rejects.toThrow(
        "1 words around them were overwritten, first that of index 1215 of 'mine'",
      );
    },
  );

  it('find it in memory that has gone back', async () => {
    gpu.scope(() => writeAt(gpu.alloc(4, 'f32', 'gone'), 4));
    fill(gpu, 4, 1);
    await expect(gpu.finish()).rejects.toThrow("index 4 of 'gone' of 4 elements");
  });

  it('find what is read behind an array: it is NaN', async () => {
    const array = fill(gpu, 4, 1);
    const behind = gpu.part(array, 64, 1, 'behind');
    expect(await behind.read()).toEqual(Float32Array.of(Number.NaN));
    behind.release();
  });

  it('leave room between the parts of an array, which have none of their own', async () => {
    const whole = fill(gpu, 128, 1);
    const part = gpu.part(whole, 64, 64, 'part');
    writeAt(gpu.part(whole, 0, 64, 'first') as never, 63);
    expect(await part.read()).toEqual(new Float32Array(64).fill(1));
    await gpu.finish();
  });

  it('cost nothing where they are off', async () => {
    const plain = await openDevice();
    const array = plain.alloc(10, 'u32', 'mine');
    expect([array.memory.offset, array.memory.size, plain.counters.dispatches]).toEqual([0, 256, 0]);
    plain.close();
  });
});
