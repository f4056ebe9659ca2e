// Pixels and NHWC: where a pixel lies in memory, and what normalising does to it.
import { imagesFromTorch, openDevice } from 'wgrad';
import { BatchSource, loadDataset } from 'wgrad/data';
import { figure, say } from './shared/page.ts';

const dataset = await loadDataset('mnist');
const { height, width, channels, train } = dataset;
say('training images', train.labels.length);
say('shape of one image', `${height} × ${width} × ${channels}`);

/** Place of a number in an array [N, H, W, C]. */
const place = (n: number, h: number, w: number, c: number): number => ((n * height + h) * width + w) * channels + c;

const [image, row, column] = [3, 14, 10];
const bytes = train.images.subarray(0, train.labels.length * height * width * channels);
const byte = bytes[place(image, row, column, 0)];
say('label of image 3', train.labels[image]);
say('place of [3, 14, 10, 0]', place(image, row, column, 0));
say('byte there', byte);

// Mean and deviation of all training pixels, as numbers from 0 to 1.
const mean = bytes.reduce((sum, value) => sum + value, 0) / bytes.length / 255;
const variance = bytes.reduce((sum, value) => sum + (value / 255 - mean) ** 2, 0) / bytes.length;
const std = Math.sqrt(variance);
say('mean', mean);
say('std', std);
say('black after normalising', (0 - dataset.mean[0]) / dataset.std[0]);
say('white after normalising', (1 - dataset.mean[0]) / dataset.std[0]);
say('that pixel after normalising', (byte / 255 - dataset.mean[0]) / dataset.std[0]);

// The same on the device: a batch of all training images is gathered and normalised there.
const gpu = await openDevice();
const source = new BatchSource(gpu, dataset, dataset.train);
const batch = await source.plain(Uint32Array.from(source.labels.keys())).images.data();
say('on the device', batch[place(image, row, column, 0)]);
const batchMean = batch.reduce((sum, value) => sum + value, 0) / batch.length;
say('mean of the batch', batchMean.toFixed(3));
say('std of the batch', Math.sqrt(batch.reduce((sum, value) => sum + (value - batchMean) ** 2, 0) / batch.length));
gpu.close();

// Two images of 2 × 2 pixels and 3 channels, numbered as PyTorch keeps them, [N, C, H, W]; then as wgrad keeps them.
const numbers = Float32Array.from({ length: 24 }, (_, i) => i);
say('NCHW', [...numbers.subarray(0, 12)].join(' '));
say('NHWC', [...imagesFromTorch({ data: numbers, shape: [2, 3, 2, 2] }).data.subarray(0, 12)].join(' '));

await figure((plots) => {
  const crop = Array.from({ length: 14 }, (_, h) =>
    Array.from({ length: 14 }, (_, w) => bytes[place(image, 7 + h, 7 + w, 0)]),
  );
  const names = crop.map((_, i) => `${7 + i}`);
  return plots.valueMatrices({
    name: '01_pixels',
    title: 'The middle of training image 3, as bytes',
    matrices: [{ values: crop, rows: names, columns: names, rowName: 'row h', columnName: 'column w' }],
  });
});
