import { describe, expect, it } from 'vitest';
import { IMAGE_BATCH } from '../../src/inspect/conformance/cases/images.ts';
import { DeviceImages } from '../../src/kernels/image_batch.ts';
import { Philox } from '../../src/runtime/philox.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(IMAGE_BATCH, held);

function example(count: number, height: number, width: number, channels: number) {
  const generator = new Philox(1);
  const images = Uint8Array.from({ length: count * height * width * channels }, () => generator.below(256));
  return { images, labels: Uint8Array.from({ length: count }, (_, i) => i % 7), size: { height, width, channels } };
}

describe('image batch', () => {
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
