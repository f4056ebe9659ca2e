import { describe, expect, it } from 'vitest';
import { cast } from '../../src/kernels/cast.ts';
import { conv2d } from '../../src/kernels/conv2d.ts';
import { add, copy, fill, silu } from '../../src/kernels/elementwise.ts';
import { openDevice } from '../../src/node.ts';
import { HalfPrecisionError } from '../../src/runtime/errors.ts';
import { fromHalves, toHalves } from '../../src/runtime/half.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu();
const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i) * 9);
const rounded = (values: Float32Array) => [...fromHalves(toHalves(values))];

describe('arrays in half precision', () => {
  it.each([1, 2, 7, 8, 301])('hold %i numbers in two bytes each, rounded as they are written', async (count) => {
    const { gpu } = held;
    const before = gpu.memory.liveBytes;
    await gpu.scope(async () => {
      const array = gpu.alloc(count, 'f32', 'test', 'f16');
      gpu.write(array, numbers(count));
      expect([array.type, array.storage, array.bytes]).toEqual(['f32', 'f16', Math.ceil(count / 8) * 16]);
      expect([...(await array.read())]).toEqual(rounded(numbers(count)));
      expect([...(await copy(array).read())]).toEqual(rounded(numbers(count)));
    });
    expect(gpu.memory.liveBytes).toBe(before);
  });

  it('take half the memory', () => {
    const { gpu } = held;
    const bytes = (storage: 'f32' | 'f16') => gpu.scope(() => gpu.alloc(100_000, 'f32', 'test', storage).bytes);
    expect(bytes('f16')).toBe(bytes('f32') / 2);
  });

  it('are copied and divided by their own places', async () => {
    const { gpu } = held;
    await gpu.scope(async () => {
      const [from, to] = [0, 1].map(() => gpu.alloc(301, 'f32', 'test', 'f16'));
      gpu.write(from, numbers(301));
      gpu.write(to, new Float32Array(301));
      gpu.copyRange(from, 2, to, 4, 10);
      expect([...(await to.read()).subarray(3, 15)]).toEqual([0, ...rounded(numbers(301)).slice(2, 12), 0]);
      gpu.copyRange(from, 0, to, 0, 301);
      expect([...(await to.read())]).toEqual(rounded(numbers(301)));
      expect([...(await gpu.part(from, 128, 5, 'part').read())]).toEqual(rounded(numbers(301)).slice(128, 133));
      expect(() => gpu.part(from, 64, 5, 'part')).toThrow("there is no part of 5 elements from 64 on in 'test'");
      expect(() => gpu.copyRange(from, 1, to, 0, 4)).toThrow(
        'copy: of elements of two bytes only an even number from and to even places can be copied, not 4 from 1 to 0.',
      );
      expect(() => gpu.copyRange(from, 0, to, 0, 3)).toThrow('only an even number');
      expect(() => gpu.copyRange(from, 0, fill(gpu, 301, 0), 0, 301)).toThrow(
        "copy: 'test' is stored as f16, 'fill' as f32.",
      );
    });
  });

  it('are refused by name where a kernel takes none, or not all alike', () => {
    const { gpu } = held;
    gpu.scope(() => {
      const whole = fill(gpu, 9, 1);
      const half = cast(whole, 'f16');
      expect(() => silu(half)).toThrow(HalfPrecisionError);
      expect(() => silu(half)).toThrow(
        "silu: 'x' is stored as f16 (it came from 'cast'), and shaders/silu.wgsl declares it without E, so that it takes float32 alone; convert it with cast().",
      );
      expect(() => add(half, whole)).toThrow(
        "add: 'b' is stored as f32 (it came from 'fill'), while another array is stored as f16, and shaders/add.wgsl takes all that it declares by E alike; convert it with cast().",
      );
      const s = {
        ...{ n: 1, h: 1, w: 1, ci: 1, co: 9, kh: 1, kw: 1, strideH: 1, strideW: 1, padH: 0, padW: 0 },
        ...{ dilationH: 1, dilationW: 1, oh: 1, ow: 1 },
      };
      const image = cast(fill(gpu, 1, 1), 'f16');
      expect(() => conv2d(image, half, half, s)).toThrow("conv2d: 'bias' is stored as f16");
    });
  });

  it('are refused in one sentence where the adapter has none', async () => {
    const gpu = await openDevice();
    try {
      Object.defineProperty(gpu, 'supportsF16', { value: false });
      expect(() => gpu.alloc(4, 'f32', 'test', 'f16')).toThrow(
        'test: half precision needs the feature shader-f16, which this adapter does not offer; compute in float32.',
      );
    } finally {
      gpu.close();
    }
  });
});
