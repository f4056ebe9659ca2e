// A convolution three ways: as loops, as a product of matrices, as kernels on the device.
import { conv2d, matmul, openDevice, tensor } from 'wgrad';
import { loadDataset } from 'wgrad/data';
import { figure, largestDifference, say } from './shared/page.ts';

const [h, w, kh, kw, co, pad] = [28, 28, 3, 3, 4, 1];
const { train } = await loadDataset('mnist');
const image = Float32Array.from(train.images.subarray(3 * h * w, 4 * h * w)); // bytes: whole numbers
const FILTERS = [
  [1, 0, -1, 2, 0, -2, 1, 0, -1], // bright at the left, dark at the right
  [1, 2, 1, 0, 0, 0, -1, -2, -1], // bright above, dark below
  [1, 2, 1, 2, 4, 2, 1, 2, 1], // blur
  [0, 0, 0, 0, 16, 0, 0, 0, 0], // nothing but a factor
];
const weight = Float32Array.from({ length: kh * kw * co }, (_, i) => FILTERS[i % co][Math.floor(i / co)]); // [KH, KW, 1, CO]
const pixel = (y: number, x: number) => (y < 0 || y >= h || x < 0 || x >= w ? 0 : image[y * w + x]);

// 1. Loops, as the formula says. 2. Patches [pixels, taps] for a product with the weights [taps, CO].
const loops = new Float64Array(h * w * co);
const patches = new Float32Array(h * w * kh * kw);
let multiplyAdds = 0;
for (let oh = 0; oh < h; oh++)
  for (let ow = 0; ow < w; ow++)
    for (let a = 0; a < kh; a++)
      for (let b = 0; b < kw; b++) {
        const x = pixel(oh + a - pad, ow + b - pad);
        patches[((oh * w + ow) * kh + a) * kw + b] = x;
        for (let c = 0; c < co; c++) {
          loops[(oh * w + ow) * co + c] += x * weight[(a * kw + b) * co + c];
          multiplyAdds++;
        }
      }
say('multiply-adds', multiplyAdds);
say('numbers in the image', image.length);
say('numbers in the patches', patches.length);

const gpu = await openDevice();
const product = await matmul(tensor(gpu, patches, [h * w, kh * kw]), tensor(gpu, weight, [kh * kw, co])).data();
say('loops and product differ by', largestDifference(loops, product));

// 3. Kernels: they read the patches where they lie, in the image.
const x = tensor(gpu, image, [1, h, w, 1]);
for (const rung of ['naive', 'tiled', 'subgroup'] as const) {
  gpu.forcedRung = rung;
  const y = await conv2d(x, tensor(gpu, weight, [kh, kw, 1, co]), undefined, { padding: pad }).data();
  say(`loops and ${rung} kernel differ by`, largestDifference(loops, y));
}

// With weights that float32 cannot hold exactly, sums in another order differ in their last digits.
const third = weight.map((value) => value / 3);
const y = await conv2d(x, tensor(gpu, third, [kh, kw, 1, co]), undefined, { padding: pad }).data();
const thirds = loops.map((value) => value / 3);
const largest = thirds.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const relative = largestDifference(thirds, y) / largest;
say('relative difference with weights of thirds', relative.toExponential(1));
say('is below 2⁻²⁰', String(relative > 0 && relative < 2 ** -20));
gpu.close();

await figure((plots) => {
  const outputs = FILTERS.map((_, c) => Uint8Array.from({ length: h * w }, (_, p) => {
    const value = loops[p * co + c];
    return c < 2 ? 128 + value / 8 : value / 16;
  })); // biome-ignore format: short
  return plots.imageGrid({
    ...{ name: '03_convolution', title: 'An image and its four output channels', columns: 5 },
    ...{ images: Buffer.concat([Uint8Array.from(image), ...outputs]), shape: [5, h, w, 1] },
    captions: [['image'], ['left − right'], ['above − below'], ['blur'], ['one tap']],
  });
});
