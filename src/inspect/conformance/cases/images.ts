import { dropout, dropRows } from '../../../kernels/dropout.ts';
import { DeviceImages, type ImageSize } from '../../../kernels/image_batch.ts';
import type { ImageTransform } from '../../../kernels/image_transform.ts';
import { type Box, cutmix, mixup, softTargets } from '../../../kernels/mix.ts';
import { philoxBlock } from '../../../runtime/philox.ts';
import { exact, type KernelCase, type KernelFamily } from '../kernel_case.ts';
import { randomIndices, randomValues } from '../random_values.ts';
import { lumaByHand, transformedImage } from './transformed_image.ts';

/** A place in the random sequence, the same for each run of a case. */
const SEED = 42;
const OFFSET = 11;
const at = { seed: SEED, offset: OFFSET, stream: 0 };

/** Images, labels of three classes, means and deviations. */
function exampleImages(count: number, { height, width, channels }: ImageSize) {
  const images = Uint8Array.from(randomIndices(count * height * width * channels, 1, 256));
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
  const mean = Array.from({ length: channels }, (_, i) => 0.4 + 0.05 * i);
  const std = Array.from({ length: channels }, (_, i) => 0.2 + 0.02 * i);
  return { images, labels, mean, std };
}

type Sizes = readonly [count: number, height: number, width: number, channels: number];

const plainCase = ([count, height, width, channels]: Sizes, padding: number, flip: number): KernelCase => ({
  name: `${count} images of ${height}×${width}×${channels}, crop ${padding}, flip ${flip}`,
  quick: count < 9,
  prepare() {
    const size = { height, width, channels };
    const { images, labels, mean, std } = exampleImages(count, size);
    const positions = Uint32Array.from([count - 1, 0, 2, 2, 1]);
    const each = height * width * channels;
    const y = Float32Array.from({ length: positions.length * each }, (_, i) => {
      const [b, row] = [Math.floor(i / each), Math.floor(i / (width * channels)) % height];
      const [column, channel] = [Math.floor(i / channels) % width, i % channels];
      const random = philoxBlock([b, OFFSET, 0, 0], [SEED, 0]);
      const fromRow = row + (random[0] % (2 * padding + 1)) - padding;
      const mirrored = (random[2] >>> 8) / 2 ** 24 < flip ? width - 1 - column : column;
      const fromColumn = mirrored + (random[1] % (2 * padding + 1)) - padding;
      const inside = fromRow >= 0 && fromRow < height && fromColumn >= 0 && fromColumn < width;
      const byte = inside ? images[((positions[b] * height + fromRow) * width + fromColumn) * channels + channel] : 0;
      // In float32 after each step, as torchvision computes it.
      const centred = Math.fround(Math.fround(byte / 255) - Math.fround(mean[channel]));
      return centred / Math.fround(std[channel]);
    });
    return (gpu) => {
      const source = DeviceImages.upload(gpu, images, labels, size);
      const batch = () => {
        gpu.generator = at;
        return source.batch(positions, { mean, std, crop: { padding }, flip });
      };
      return [
        { name: 'images', run: () => batch().images, ...exact(y) },
        { name: 'labels', run: () => batch().labels, ...exact(Array.from(positions, (p) => labels[p])) },
      ];
    };
  },
});

const ALL: ImageTransform = {
  ...{ cropPadding: 2, flip: 0.5, rotation: 30, translation: 1.5 },
  ...{ brightness: 0.5, contrast: 0.6, saturation: 0.7, cutout: 3 },
};

/**
 * Places in float32 are off by about 1e-5 pixels (32 pixels, the series of sine and cosine), which in noise, where neighbours differ by up to 1, moves a
 * value by as much, and the normalisation by 0.2 makes it five times as large: 5e-5 of values up to 3, which is 280 roundings, and as much again.
 */
const TRANSFORMED_ROUNDINGS = 560;

const transformedCase = (
  name: string,
  [count, height, width, channels]: Sizes,
  perClass: readonly ImageTransform[],
): KernelCase => ({
  name: `${count} images of ${height}×${width}×${channels}: ${name}`,
  quick: name === 'everything',
  prepare() {
    const size = { height, width, channels };
    const { images, labels, mean, std } = exampleImages(count, size);
    const each = height * width * channels;
    const positions = Uint32Array.from({ length: 2 * count }, (_, i) => (i * 3 + 1) % count);
    const values = Array.from(positions).flatMap((position, b) =>
      transformedImage(
        images.subarray(position * each, (position + 1) * each),
        size,
        perClass[labels[position]],
        { mean, std, luma: lumaByHand(channels) },
        { ...at, b },
      ),
    );
    return (gpu) => {
      const source = DeviceImages.upload(gpu, images, labels, size);
      const batch = () => {
        gpu.generator = at;
        return source.transformedBatch(positions, { mean, std, perClass });
      };
      return [
        { name: 'images', run: () => batch().images, values, roundings: TRANSFORMED_ROUNDINGS },
        { name: 'labels', run: () => batch().labels, ...exact(Array.from(positions, (p) => labels[p])) },
      ];
    };
  },
});

const TRANSFORMS: readonly (readonly [string, ImageTransform])[] = [
  ['nothing', {}],
  ['crop and flip', { cropPadding: 3, flip: 0.5 }],
  ['rotation', { rotation: 45 }],
  ['translation', { translation: 2.5 }],
  ['brightness', { brightness: 1 }],
  ['contrast', { contrast: 1 }],
  ['saturation', { saturation: 1 }],
  ['an even cutout', { cutout: 4 }],
  ['an odd cutout', { cutout: 5 }],
  ['everything', ALL],
];

export const IMAGE_BATCH: KernelFamily = {
  kernels: 'image_batch',
  cases: [
    plainCase([5, 8, 8, 3], 0, 0),
    plainCase([7, 5, 7, 3], 2, 0.5),
    plainCase([9, 3, 5, 1], 4, 1),
    plainCase([4, 32, 32, 3], 4, 0.5),
    ...TRANSFORMS.map(([name, transform]) => transformedCase(name, [7, 9, 12, 3], [transform, transform, transform])),
    ...(
      [
        [4, 8, 8, 1],
        [5, 5, 3, 2],
        [3, 32, 32, 3],
        [6, 4, 7, 4],
        [1, 1, 1, 3],
      ] as const
    ).map((sizes) => transformedCase('everything', sizes, [ALL, ALL, ALL])),
    transformedCase('by class', [9, 8, 8, 3], [{}, { rotation: 20, cutout: 4 }, { brightness: 0.8, flip: 1 }]),
  ],
};

const mixupCase = ([count, each, lambda]: readonly [number, number, number]): KernelCase => ({
  name: `mixup of ${count} images of ${each} numbers, λ ${lambda}`,
  quick: true,
  prepare() {
    const x = randomValues(count * each, 1);
    const partner = Uint32Array.from({ length: count }, (_, b) => (b * 3 + 2) % count);
    const other = (i: number) => x[partner[Math.floor(i / each)] * each + (i % each)];
    const values = Array.from(x, (v, i) => lambda * v + (1 - lambda) * other(i));
    return (gpu) => [
      { name: 'y', run: () => mixup(gpu.upload(x, 'x'), gpu.upload(partner, 'partner'), lambda), values },
    ];
  },
});

const cutmixCase = ([height, width, channels, box]: readonly [number, number, number, Box]): KernelCase => ({
  name: `cutmix of ${height}×${width}×${channels}, rows ${box.top} to ${box.bottom}, columns ${box.left} to ${box.right}`,
  quick: true,
  prepare() {
    const each = height * width * channels;
    const x = randomValues(3 * each, 2);
    const partner = Uint32Array.of(2, 0, 1);
    const y = x.map((v, i) => {
      const [row, column] = [Math.floor(i / (width * channels)) % height, Math.floor(i / channels) % width];
      const inside = row >= box.top && row < box.bottom && column >= box.left && column < box.right;
      return inside ? x[partner[Math.floor(i / each)] * each + (i % each)] : v;
    });
    const size = { height, width, channels };
    return (gpu) => [
      { name: 'y', run: () => cutmix(gpu.upload(x, 'x'), gpu.upload(partner, 'partner'), size, box), ...exact(y) },
    ];
  },
});

const softTargetsCase = ([count, classes]: readonly [number, number]): KernelCase => ({
  name: `targets of ${count} mixed images, ${classes} classes`,
  quick: true,
  prepare() {
    const labels = Uint32Array.from({ length: count }, (_, i) => (i * 3) % classes);
    const partner = Uint32Array.from({ length: count }, (_, i) => (i * 7) % count);
    const y = new Float32Array(count * classes);
    const shares = Float32Array.from(labels, (_, i) => (i % 9) / 8);
    labels.forEach((label, i) => {
      y[i * classes + label] += shares[i];
      y[i * classes + labels[partner[i]]] += 1 - shares[i];
    });
    return (gpu) => [
      {
        name: 'y',
        run: () => {
          const [own, other] = [gpu.upload(labels, 'labels'), gpu.upload(partner, 'partner')];
          return softTargets(own, other, gpu.upload(shares, 'shares'), classes);
        },
        ...exact(y),
      },
    ];
  },
});

export const MIX: KernelFamily = {
  kernels: 'mix',
  cases: [
    ...(
      [
        [5, 27, 0.3],
        [1, 300, 0.9],
        [4, 128, 1],
      ] as const
    ).map(mixupCase),
    ...(
      [
        [5, 7, 3, { top: 1, bottom: 4, left: 2, right: 7 }],
        [4, 4, 1, { top: 0, bottom: 4, left: 0, right: 4 }],
        [3, 6, 2, { top: 2, bottom: 2, left: 1, right: 5 }],
      ] as const
    ).map(cutmixCase),
    ...(
      [
        [4, 3],
        [130, 10],
      ] as const
    ).map(softTargetsCase),
  ],
};

const dropoutCase = ([count, p]: readonly [number, number]): KernelCase => ({
  name: `${count} numbers, p ${p}`,
  quick: true,
  prepare() {
    const x = randomValues(count, 1);
    const values = Array.from(x, (v, i) => {
      const words = philoxBlock([i >> 2, OFFSET, 0, 1], [SEED, 0]);
      return (words[i % 4] >>> 8) / 2 ** 24 >= p ? v / (1 - p) : 0;
    });
    const mask = { p, seedLow: SEED, seedHigh: 0, offset: OFFSET };
    return (gpu) => [{ name: 'y', run: () => dropout(gpu.upload(x, 'x'), mask), values }];
  },
});

const dropRowsCase = ([rows, length, p]: readonly [number, number, number]): KernelCase => ({
  name: `${rows} rows of ${length}, p ${p}`,
  quick: true,
  prepare() {
    const x = randomValues(rows * length, 1);
    const values = Array.from(x, (v, i) => {
      const row = Math.floor(i / length);
      const words = philoxBlock([row >> 2, OFFSET, 0, 1], [SEED, 0]);
      return (words[row % 4] >>> 8) / 2 ** 24 >= p ? v / (1 - p) : 0;
    });
    const mask = { p, seedLow: SEED, seedHigh: 0, offset: OFFSET };
    return (gpu) => [{ name: 'y', run: () => dropRows(gpu.upload(x, 'x'), rows, mask), values }];
  },
});

export const DROPOUT: KernelFamily = {
  kernels: 'dropout',
  cases: [
    ...(
      [
        [1, 0.5],
        [1027, 0.3],
        [6143, 0.9],
      ] as const
    ).map(dropoutCase),
    ...(
      [
        [1, 1, 0.5],
        [7, 33, 0.3],
        [5, 100, 0.5],
        [70, 260, 0.9],
      ] as const
    ).map(dropRowsCase),
  ],
};
