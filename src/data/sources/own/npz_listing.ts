import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { UserError } from '../../../runtime/errors.ts';
import { decodeImage, sideBySide } from './decode_image.ts';
import type { DecodedSink, ImageListing, SplitName } from './image_listing.ts';
import { npyNumbers } from './npy.ts';
import { type ArchivedArray, openNpz } from './npz_archive.ts';

/** The parts of an archive as MedMNIST names them. */
const PARTS: readonly (readonly [string, SplitName])[] = [
  ['train', 'train'],
  ['val', 'validation'],
  ['test', 'test'],
];

/** Bytes of a label at most. */
const MOST_LABEL_BYTES = 8;

/** Height and width at most: an image is decoded whole. */
const MOST_PIXELS = 16_384;

/** Images of an archive at most: their labels must fit into memory, however small they were packed. */
const MOST_IMAGES = 100_000_000;

/** Images that are decoded at a time. */
const AT_A_TIME = 256;

interface Part {
  name: string;
  split: SplitName;
  shape: ImageShape;
  labels: number[];
}

/** Of the images of a part: [count, height, width, channels]. */
interface ImageShape {
  count: number;
  height: number;
  width: number;
  channels: 1 | 3 | 4;
}

/**
 * The images of an archive of NumPy's arrays as MedMNIST publishes them: `train_images` as uint8 [N, H, W], [N, H, W, 1] or [N, H, W, 3] and
 * `train_labels` as whole numbers [N] or [N, 1]; `test_…` and `val_…` likewise where they are there. A class is called by its number.
 * @throws UserError, one sentence, where arrays are missing, of another form, or do not match.
 */
export async function listNpz(path: string): Promise<ImageListing> {
  const parts = await explained(path, () => readParts(path));
  const numbers = [...new Set(parts.flatMap(({ labels }) => labels))].sort((a, b) => a - b);
  const labelOf = new Map(numbers.map((number, label) => [number, label]));
  const { size, mtimeMs } = await stat(path);
  return {
    classNames: numbers.map(String),
    labels: Uint32Array.from(parts.flatMap(({ labels }) => labels.map((number) => labelOf.get(number)!))),
    splits: parts.flatMap(({ split, labels }) => labels.map(() => split)),
    nameOf: (index) => nameIn(parts, index),
    fingerprint: createHash('sha256').update(`npz ${size} ${mtimeMs}`).digest('hex'),
    notes: [],
    decode: (target, sink) => explained(path, () => decodeParts(path, parts, target, sink)),
  };
}

/** What `work` gives. Throws UserError, which names the archive, for its errors. */
async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof UserError || (cause as Error).name === 'AbortError') throw cause;
    throw new UserError(`${path} cannot be used: ${(cause as Error).message.replace(/\.$/, '')}.`, { cause });
  }
}

async function readParts(path: string): Promise<Part[]> {
  const { arrays, close } = await openNpz(path, (name) => /^(train|val|test)_(images|labels)$/.test(name));
  try {
    const parts: Part[] = [];
    for (const [name, split] of PARTS) {
      const [images, labels] = [arrays.get(`${name}_images`), arrays.get(`${name}_labels`)];
      if (images === undefined && labels === undefined && name !== 'train') continue;
      if (images === undefined) throw new Error(`it holds no array ${name}_images`);
      if (labels === undefined) throw new Error(`it holds no array ${name}_labels`);
      const shape = imageShape(`${name}_images`, images);
      if (shape.count !== labels.shape[0]) {
        throw new Error(`${name}_images are ${shape.count} and ${name}_labels ${labels.shape[0]}; as many are needed`);
      }
      parts.push({ name, split, shape, labels: await labelsOf(`${name}_labels`, labels) });
    }
    return parts;
  } finally {
    close();
  }
}

function imageShape(name: string, { type, shape }: ArchivedArray): ImageShape {
  const [count, height, width, channels = 1] = shape;
  const isImage =
    (shape.length === 3 || shape.length === 4) &&
    [1, 3, 4].includes(channels) &&
    [height, width].every((size) => size >= 1 && size <= MOST_PIXELS) &&
    count <= MOST_IMAGES;
  if (type !== '|u1' || !isImage) {
    throw new Error(`${name} is ${type} of shape [${shape.join(', ')}]; uint8 [N, H, W] or [N, H, W, 3] is needed`);
  }
  return { count, height, width, channels: channels as ImageShape['channels'] };
}

async function labelsOf(name: string, array: ArchivedArray): Promise<number[]> {
  if (!(array.shape.length === 1 || (array.shape.length === 2 && array.shape[1] === 1))) {
    throw new Error(
      `${name} has shape [${array.shape.join(', ')}]; one label for each image, [N] or [N, 1], is needed`,
    );
  }
  const pieces: Buffer[] = [];
  let left = array.shape[0] * MOST_LABEL_BYTES;
  for await (const piece of array.read()) {
    left -= piece.length;
    if (left < 0) throw new Error(`${name}: it is damaged: it holds more than ${array.shape[0]} labels`);
    pieces.push(piece);
  }
  try {
    return npyNumbers(array, Buffer.concat(pieces));
  } catch (cause) {
    throw new Error(`${name}: ${(cause as Error).message}`, { cause });
  }
}

function nameIn(parts: readonly Part[], index: number): string {
  let first = 0;
  for (const { name, labels } of parts) {
    if (index < first + labels.length) return `${name}_images[${index - first}]`;
    first += labels.length;
  }
  return `image ${index}`;
}

async function decodeParts(path: string, parts: readonly Part[], size: number, sink: DecodedSink): Promise<void> {
  const { arrays, close } = await openNpz(path, (name) => name.endsWith('_images'));
  try {
    let first = 0;
    for (const { name, shape } of parts) {
      const { height, width, channels, count } = shape;
      let done = 0;
      for await (const rows of inRows(arrays.get(`${name}_images`)!, height * width * channels)) {
        const from = first + done;
        await sideBySide(
          rows.length,
          async (i) => {
            const pixels = await decodeImage(rows[i], size, { raw: { width, height, channels } });
            await sink.write(from + i, pixels);
          },
          sink.signal,
        );
        done += rows.length;
      }
      if (done !== count) throw new Error(`${name}_images ends after ${done} of ${count} images: it is damaged`);
      first += count;
    }
  } finally {
    close();
  }
}

/** The rows of an array, some at a time. */
async function* inRows(array: ArchivedArray, rowBytes: number): AsyncGenerator<Buffer[]> {
  let rows: Buffer[] = [];
  let left: Buffer = Buffer.alloc(0);
  for await (const piece of array.read()) {
    const bytes = left.length === 0 ? piece : Buffer.concat([left, piece]);
    let at = 0;
    for (; at + rowBytes <= bytes.length; at += rowBytes) {
      rows.push(bytes.subarray(at, at + rowBytes));
      if (rows.length < AT_A_TIME) continue;
      yield rows;
      rows = [];
    }
    left = bytes.subarray(at);
  }
  if (rows.length > 0) yield rows;
}
