import { afterEach, describe, expect, it } from 'vitest';
import { DeviceImages } from '../../src/kernels/image_batch.ts';
import { storeImages } from '../../src/kernels/image_store.ts';
import { openDevice } from '../../src/node.ts';
import type { DeviceLimits } from '../../src/runtime/adapter.ts';
import type { Gpu } from '../../src/runtime/gpu.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu({ fences: false });
const GENERATOR = { seed: 9, stream: 0, offset: 4 };

const limitsOf = (gpu: Gpu) => gpu.limits as { -readonly [K in keyof DeviceLimits]: DeviceLimits[K] };
let arrayBytes: number;
afterEach(() => {
  const { gpu } = held;
  gpu.imageMemory = 2 ** 30;
  if (arrayBytes) limitsOf(gpu).arrayBytes = arrayBytes;
});

/** Images of random bytes, put where artificial limits send them. */
function imagesAt(
  place: 'device' | 'device parts' | 'host',
  size: { height: number; width: number; channels: number },
) {
  const { gpu } = held;
  arrayBytes ||= gpu.limits.arrayBytes;
  const each = size.height * size.width * size.channels;
  const bytes = Uint8Array.from({ length: 23 * each }, (_, i) => (i * 7919) % 251);
  const labels = Array.from({ length: 23 }, (_, i) => i % 3);
  gpu.imageMemory = place === 'host' ? bytes.length - 1 : 2 ** 30;
  limitsOf(gpu).arrayBytes = place === 'device parts' ? 5 * each + 3 : arrayBytes;
  const images = DeviceImages.upload(gpu, bytes, labels, size);
  limitsOf(gpu).arrayBytes = arrayBytes;
  return images;
}

const NORMAL = { mean: [0.2, 0.4, 0.6], std: [0.5, 0.4, 0.3] };
const CHANGED = { cropPadding: 2, flip: 0.5, rotation: 20, contrast: 0.5, brightness: 0.3, cutout: 3 };

describe.each([
  { height: 6, width: 6, channels: 3 },
  { height: 5, width: 7, channels: 3 },
])('$height × $width images', (size) => {
  it.each(['device parts', 'host'] as const)(
    'in %s give the batches that one array gives, bit for bit',
    async (place) => {
      const { gpu } = held;
      const [one, other] = [imagesAt('device', size), imagesAt(place, size)];
      expect(one.place).toBe('device');
      // Images that take no whole words cannot be copied between arrays.
      expect(other.place).toBe((size.height * size.width * size.channels) % 4 === 0 ? place : 'host');
      const read = async (images: DeviceImages, positions: Uint32Array) => {
        gpu.generator = GENERATOR;
        const all = gpu.scope(() => [
          images.batch(positions, NORMAL),
          images.batch(positions, { ...NORMAL, crop: { padding: 2 }, flip: 0.5 }),
          images.transformedBatch(positions, { ...NORMAL, perClass: [{}, CHANGED, { ...CHANGED, rotation: 45 }] }),
        ]);
        const values: number[][] = [];
        for (const { images: batch, labels } of all) values.push([...(await batch.read())], [...(await labels.read())]);
        return { values, generator: gpu.generator };
      };
      for (const positions of [[22, 0, 4, 5, 9, 10, 4], [7], []]) {
        const batch = Uint32Array.from(positions);
        expect(await read(other, batch)).toEqual(await read(one, batch));
      }
      expect(() => other.batch(Uint32Array.of(23), NORMAL)).toThrow('there is no image 23 among 23');
    },
  );
});

it('takes nothing of the device for what lies on the host, and no more than it holds for the rest', () => {
  const { gpu } = held;
  const images = new Uint8Array(64 * 48);
  const taken = (imageMemory: number) => {
    gpu.imageMemory = imageMemory;
    const before = gpu.memory.liveBytes;
    const store = storeImages(gpu, images, 48);
    return [store.place, gpu.memory.liveBytes - before];
  };
  expect(taken(images.length - 1)).toEqual(['host', 0]);
  expect(taken(images.length)).toEqual(['device', 3072]);
});

it('keeps a quarter of the memory for images where nothing is said, and a GiB at most', async () => {
  const gpu = await openDevice({ memoryLimit: 4000 });
  expect(gpu.imageMemory).toBe(1000);
  gpu.memoryLimit = 2 ** 40;
  expect(gpu.imageMemory).toBe(2 ** 30);
  gpu.close();
});

it('refuses an image that no array can hold', () => {
  const { gpu } = held;
  expect(() => storeImages(gpu, new Uint8Array(8), gpu.limits.arrayBytes + 1)).toThrow('use smaller images.');
});

it('uploads many images block by block, the last ones too', async () => {
  const { gpu } = held;
  const size = { height: 64, width: 64, channels: 3 };
  const each = 64 * 64 * 3;
  // More than a block of 2^24 bytes, which ends within an image.
  const count = 1400;
  const bytes = Uint8Array.from({ length: count * each }, (_, i) => (i >> 3) % 251);
  const reads: number[] = [];
  const counted = {
    length: bytes.length,
    subarray: (start: number, end: number) => {
      reads.push(end - start);
      return bytes.subarray(start, end);
    },
  };
  const images = DeviceImages.upload(gpu, counted, new Uint8Array(count), size);
  expect(reads).toEqual([2 ** 24, count * each - 2 ** 24]);
  for (const position of [0, 1365, 1366, 1399]) {
    const batch = gpu.scope(() => images.batch(Uint32Array.of(position), { mean: [0, 0, 0], std: [1, 1, 1] }).images);
    const values = Array.from(await batch.read(), (value) => Math.round(255 * value));
    expect(Buffer.compare(Buffer.from(values), bytes.subarray(position * each, (position + 1) * each))).toBe(0);
  }
});
