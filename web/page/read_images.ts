import { CIFAR10 } from '../../src/data/cifar_form.ts';
import type { GivenImages } from '../protocol.ts';

/** Side to which pictures of a folder are scaled, as `wgrad train` does where nothing is said. */
const SIDE = 32;
const CHANNELS = 3;
const PLANE = 32 * 32;

/** Files as images with classes. @throws Error, a sentence, where they are none. */
export async function readImages(files: readonly File[], say: (text: string) => void): Promise<GivenImages> {
  const cifar = files.filter(({ name }) => /^(data_batch_\d|test_batch)\.bin$/.test(name));
  return cifar.length > 0 ? readCifar(cifar) : readFolder(files, say);
}

async function readCifar(files: readonly File[]): Promise<GivenImages> {
  const train = files.filter(({ name }) => name.startsWith('data')).sort((a, b) => a.name.localeCompare(b.name));
  const test = files.filter(({ name }) => name.startsWith('test'));
  if (train.length === 0)
    throw new Error('Of CIFAR-10 at least one of data_batch_1.bin to data_batch_5.bin is needed to train on.');
  const all = await cifarRecords(train);
  return {
    ...{ name: 'cifar10', classNames: [...CIFAR10.classNames], height: SIDE, width: SIDE, channels: CHANNELS },
    ...{ ...all, test: test.length > 0 ? await cifarRecords(test) : undefined, mirror: true },
    mean: [...(CIFAR10.normalization?.mean ?? [])],
    std: [...(CIFAR10.normalization?.std ?? [])],
  };
}

/** A record is a label and three planes of 32×32. */
async function cifarRecords(files: readonly File[]): Promise<{ images: Uint8Array; labels: Uint32Array }> {
  const record = 1 + CHANNELS * PLANE;
  const count = files.reduce((sum, { size }) => sum + Math.floor(size / record), 0);
  const images = new Uint8Array(count * CHANNELS * PLANE);
  const labels = new Uint32Array(count);
  let at = 0;
  for (const file of files) {
    if (file.size === 0 || file.size % record !== 0)
      throw new Error(`${file.name} is damaged: ${file.size} bytes are no whole number of records of ${record}.`);
    const bytes = new Uint8Array(await file.arrayBuffer());
    for (let start = 0; start < bytes.length; start += record, at++) {
      labels[at] = bytes[start];
      if (labels[at] > 9) throw new Error(`${file.name} is damaged: a label is ${labels[at]}, expected 0 to 9.`);
      for (let i = 0; i < PLANE; i++) {
        for (let c = 0; c < CHANNELS; c++) images[(at * PLANE + i) * CHANNELS + c] = bytes[start + 1 + c * PLANE + i];
      }
    }
  }
  return { images, labels };
}

/** A picture's class is the folder it lies in. */
async function readFolder(files: readonly File[], say: (text: string) => void): Promise<GivenImages> {
  const classed = files.flatMap((file) => {
    const parts = file.webkitRelativePath.split('/');
    return file.type.startsWith('image/') && parts.length > 1 ? [{ file, folder: parts[parts.length - 2] }] : [];
  });
  const classNames = [...new Set(classed.map(({ folder }) => folder))].sort();
  if (classNames.length < 2)
    throw new Error(
      'No images in classes were found: give a folder that has a folder of pictures for each of two classes or more, or CIFAR-10’s binary files.',
    );
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  const images = new Uint8Array(classed.length * SIDE * SIDE * CHANNELS);
  const labels = new Uint32Array(classed.length);
  const damaged: string[] = [];
  let count = 0;
  for (const { file, folder } of classed) {
    const image = await createImageBitmap(file).catch(() => undefined);
    if (image === undefined) {
      damaged.push(file.name);
      continue;
    }
    const side = Math.min(image.width, image.height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, SIDE, SIDE);
    const { data } = context.getImageData(0, 0, SIDE, SIDE);
    for (let i = 0; i < SIDE * SIDE; i++)
      images.set(data.subarray(4 * i, 4 * i + 3), (count * SIDE * SIDE + i) * CHANNELS);
    labels[count++] = classNames.indexOf(folder);
    image.close();
    if (count % 50 === 0) say(`${count} of ${classed.length} pictures read.`);
  }
  if (damaged.length > 0)
    say(`${damaged.length} could not be read and are left out: ${damaged.slice(0, 3).join(', ')}.`);
  const [first] = classed[0].file.webkitRelativePath.split('/');
  return {
    ...{ name: first || 'dropped', classNames, height: SIDE, width: SIDE, channels: CHANNELS, mirror: true },
    images: images.subarray(0, count * SIDE * SIDE * CHANNELS),
    labels: labels.subarray(0, count),
  };
}
