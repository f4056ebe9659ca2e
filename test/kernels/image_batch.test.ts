import { describe, expect, it } from 'vitest';
import { DeviceImages } from '../../src/kernels/image_batch.ts';
import { Philox, philoxBlock } from '../../src/runtime/philox.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu();

function example(count: number, height: number, width: number, channels: number) {
  const generator = new Philox(1);
  const images = Uint8Array.from({ length: count * height * width * channels }, () => generator.below(256));
  return { images, labels: Uint8Array.from({ length: count }, (_, i) => i % 7), size: { height, width, channels } };
}

describe('image batch', () => {
  it.each([
    { count: 5, h: 8, w: 8, c: 3, pad: 0, flip: 0 },
    { count: 7, h: 5, w: 7, c: 3, pad: 2, flip: 0.5 },
    { count: 9, h: 3, w: 5, c: 1, pad: 4, flip: 1 },
    { count: 4, h: 32, w: 32, c: 3, pad: 4, flip: 0.5 },
  ])(
    'gathers, crops, flips and normalises as the CPU does: $count of $h × $w × $c, pad $pad, flip $flip',
    async ({ count, h, w, c, pad, flip }) => {
      const { gpu } = held;
      const { images, labels, size } = example(count, h, w, c);
      const source = DeviceImages.upload(gpu, images, labels, size);
      const mean = Array.from({ length: c }, (_, i) => 0.4 + 0.05 * i);
      const std = Array.from({ length: c }, (_, i) => 0.2 + 0.02 * i);
      const positions = Uint32Array.from([count - 1, 0, 2, 2, 1]);
      const { seed, offset } = gpu.generator;
      const result = gpu.scope(() => source.batch(positions, { mean, std, crop: { padding: pad }, flip }));
      const got = await result.images.read();
      const expected = Float32Array.from({ length: got.length }, (_, i) => {
        const [b, row, column, channel] = [
          Math.floor(i / (h * w * c)),
          Math.floor(i / (w * c)) % h,
          Math.floor(i / c) % w,
          i % c,
        ];
        const random = philoxBlock([b, offset, 0, 0], [seed, 0]);
        const fromRow = row + (random[0] % (2 * pad + 1)) - pad;
        const mirrored = (random[2] >>> 8) / 2 ** 24 < flip ? w - 1 - column : column;
        const fromColumn = mirrored + (random[1] % (2 * pad + 1)) - pad;
        const inside = fromRow >= 0 && fromRow < h && fromColumn >= 0 && fromColumn < w;
        const byte = inside ? images[((positions[b] * h + fromRow) * w + fromColumn) * c + channel] : 0;
        // In float32 after each step, as torchvision computes it.
        const centred = Math.fround(Math.fround(byte / 255) - Math.fround(mean[channel]));
        return centred / Math.fround(std[channel]);
      });
      expect(got).toEqual(expected);
      expect(Array.from(await result.labels.read())).toEqual(Array.from(positions, (p) => labels[p]));
    },
  );

  it('leaves the generator alone where nothing is random', () => {
    const { gpu } = held;
    const { images, labels, size } = example(2, 4, 4, 1);
    const source = DeviceImages.upload(gpu, images, labels, size);
    const before = gpu.generator.offset;
    gpu.scope(() => void source.batch(Uint32Array.of(0), { mean: [0], std: [1] }));
    expect(gpu.generator.offset).toBe(before);
    gpu.scope(() => void source.batch(Uint32Array.of(0), { mean: [0], std: [1], flip: 0.5 }));
    expect(gpu.generator.offset).toBe(before + 1);
  });

  it('normalises by what each call says', async () => {
    const { gpu } = held;
    const { images, labels, size } = example(1, 2, 2, 1);
    const source = DeviceImages.upload(gpu, images, labels, size);
    const first = async (mean: number, std: number) =>
      (await source.batch(Uint32Array.of(0), { mean: [mean], std: [std] }).images.read())[0];
    const plain = await first(0, 1);
    expect(plain).toBe(Math.fround(images[0] / 255));
    expect(await first(0, 0.5)).toBe(Math.fround(2 * plain));
    expect(await first(0, 1)).toBe(plain);
  });

  it('says what does not fit', () => {
    const { gpu } = held;
    const { images, labels, size } = example(3, 4, 4, 1);
    expect(() => DeviceImages.upload(gpu, images.subarray(1), labels, size)).toThrow(
      '3 labels and images of [4, 4, 1] need 48 bytes, not 47',
    );
    expect(() => DeviceImages.upload(gpu, images, [0, -1, 2], size)).toThrow('label 1 is -1');
    const source = DeviceImages.upload(gpu, images, labels, size);
    expect(() => source.batch(Uint32Array.of(3), { mean: [0], std: [1] })).toThrow('there is no image 3 among 3');
    expect(() => source.batch(Uint32Array.of(0), { mean: [0, 0, 0], std: [1, 1, 1] })).toThrow(
      '1 channels need as many means',
    );
    expect(() => source.batch(Uint32Array.of(0), { mean: [0], std: [0] })).toThrow(
      'means and deviations must be numbers, deviations above 0; they are [0] and [0]',
    );
    expect(() => source.batch(Uint32Array.of(0), { mean: [0], std: [-1] })).toThrow('they are [0] and [-1]');
    expect(() => source.batch(Uint32Array.of(0), { mean: [0], std: [1], crop: { padding: 1.5 } })).toThrow(
      'the padding must be a whole number of pixels, at least 0; it is 1.5',
    );
    expect(() => source.batch(Uint32Array.of(0), { mean: [0], std: [1], flip: 2 })).toThrow(
      'flip must be from 0 to 1; it is 2',
    );
  });
});
