import { describe, expect, it } from 'vitest';
import { DeviceImages } from '../../src/kernels/image_batch.ts';
import { type ImageTransform, magnitudeTable } from '../../src/kernels/image_transform.ts';
import { Philox } from '../../src/runtime/philox.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu();

const ALL: ImageTransform = {
  ...{ cropPadding: 2, flip: 0.5, rotation: 30, translation: 1.5 },
  ...{ brightness: 0.5, contrast: 0.6, saturation: 0.7, cutout: 3 },
};

function example(count: number, height: number, width: number, channels: number) {
  const generator = new Philox(1);
  const images = Uint8Array.from({ length: count * height * width * channels }, () => generator.below(256));
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
  const mean = Array.from({ length: channels }, (_, i) => 0.4 + 0.05 * i);
  const std = Array.from({ length: channels }, (_, i) => 0.2 + 0.02 * i);
  return { images, labels, size: { height, width, channels }, mean, std };
}

describe('transformed image batch', () => {
  it('crops and flips as the plain batch does from the same state', async () => {
    const { gpu } = held;
    const { images, labels, size, mean, std } = example(6, 8, 8, 3);
    const source = DeviceImages.upload(gpu, images, labels, size);
    const positions = Uint32Array.from({ length: 20 }, (_, i) => i % 6);
    const state = gpu.generator;
    const plain = await source.batch(positions, { mean, std, crop: { padding: 4 }, flip: 0.5 }).images.read();
    gpu.generator = state;
    const transform = { cropPadding: 4, flip: 0.5 };
    const perClass = [transform, transform, transform];
    const transformed = await source.transformedBatch(positions, { mean, std, perClass }).images.read();
    // Values of up to 4, normalised by a product where the table divides.
    expect(Math.max(...plain.map((value, i) => Math.abs(value - transformed[i])))).toBeLessThan(2e-6);
  });

  it('gives the same bits from the same state, others from the next', async () => {
    const { gpu } = held;
    const { images, labels, size, mean, std } = example(6, 8, 8, 3);
    const source = DeviceImages.upload(gpu, images, labels, size);
    const draw = () => source.transformedBatch(Uint32Array.of(0, 1, 2), { mean, std, perClass: [ALL, ALL, ALL] });
    const state = gpu.generator;
    const first = await draw().images.read();
    const second = await draw().images.read();
    gpu.generator = state;
    expect(await draw().images.read()).toEqual(first);
    expect(second).not.toEqual(first);
  });

  it('uploads its tables again when they change', async () => {
    const { gpu } = held;
    const { images, labels, size, mean, std } = example(1, 4, 4, 1);
    const source = DeviceImages.upload(gpu, images, labels, size);
    const first = async (transform: ImageTransform, by = std) =>
      (await source.transformedBatch(Uint32Array.of(0), { mean, std: by, perClass: [transform] }).images.read())[5];
    const plain = await first({});
    expect(await first({ cutout: 9 })).toBe(0);
    expect(await first({})).toBe(plain);
    expect(await first({}, [0.1])).toBeCloseTo(2 * plain, 5);
  });

  it('says what does not fit', () => {
    const { gpu } = held;
    const { images, labels, size, mean, std } = example(3, 4, 4, 1);
    const source = DeviceImages.upload(gpu, images, labels, size);
    const draw = (perClass: ImageTransform[], at = 0) =>
      source.transformedBatch(Uint32Array.of(at), { mean, std, perClass });
    expect(() => draw([{}, {}])).toThrow('2 transforms are too few for class 2');
    expect(() => draw([{}, {}, {}], 3)).toThrow('there is no image 3 among 3');
    expect(() => source.transformedBatch(Uint32Array.of(0), { mean, std: [0], perClass: [{}, {}, {}] })).toThrow(
      'deviations above 0; they are [0.4] and [0]',
    );
    const wide = DeviceImages.upload(gpu, new Uint8Array(5), [0], { height: 1, width: 1, channels: 5 });
    const five = [1, 1, 1, 1, 1];
    expect(() => wide.transformedBatch(Uint32Array.of(0), { mean: five, std: five, perClass: [{}] })).toThrow(
      'images of up to 4 channels can be transformed; these have 5',
    );
  });
});

describe('magnitudeTable', () => {
  it('holds eight numbers a class, angles in radians', () => {
    const table = magnitudeTable([
      { flip: 0.5, rotation: 45 },
      { cropPadding: 4, cutout: 8 },
    ]);
    expect([...table]).toEqual([0, 0.5, Math.fround(Math.PI / 4), 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 8]);
  });

  it.each<[ImageTransform, string]>([
    [{ flip: 1.5 }, 'flip of class 1 must be a number from 0 to 1; it is 1.5.'],
    [{ rotation: 46 }, 'rotation of class 1 must be a number from 0 to 45; it is 46.'],
    [{ cropPadding: 1.5 }, 'cropPadding of class 1 must be a whole number from 0 to 1024; it is 1.5.'],
    [{ cutout: -1 }, 'cutout of class 1 must be a whole number'],
    [{ contrast: Number.NaN }, 'contrast of class 1 must be a number from 0 to 1; it is NaN.'],
  ])('refuses %j', (transform, message) => {
    expect(() => magnitudeTable([{}, transform])).toThrow(RangeError);
    expect(() => magnitudeTable([{}, transform])).toThrow(message);
  });
});
