import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { classCounts } from '../../../../src/data/class_counts.ts';
import { loadOwnImages, type OwnImagesOptions } from '../../../../src/data/sources/own/own_images.ts';
import { allOf } from '../../all_of.ts';
import { int64, npy, useFolder, writeImage, writeNpz } from './made_images.ts';

const held = useFolder();
const at = (...parts: string[]) => join(held.path, ...parts);
const load = (name: string, options: OwnImagesOptions = {}) =>
  loadOwnImages(at(name), { imageSize: 8, environment: held.environment, ...options });

/** Grey levels by class, so that an image tells its class: class k of a data set has 40 + 60 k. */
const level = (label: number) => 40 + 60 * label;
const hex = (label: number) => `#${level(label).toString(16).padStart(2, '0').repeat(3)}`;

/** A folder CLASS/NUMBER.png with so many images of each class. */
async function makeFolder(name: string, counts: Record<string, number>): Promise<void> {
  for (const [label, [className, count]] of Object.entries(counts).sort().entries()) {
    for (let i = 0; i < count; i++) await writeImage(at(name, className, `${i}.png`), hex(label));
  }
}

beforeAll(async () => {
  await makeFolder('plain', { ant: 10, bee: 5, cat: 1 });
});

/** Whether every image has the grey level of its label. */
function expectLevels({ images, labels }: Parameters<typeof allOf>[0] & { labels: ArrayLike<number> }, each: number) {
  const bytes = allOf({ images, labels: Uint32Array.from(labels) });
  expect(bytes.length).toBe(labels.length * each);
  for (let i = 0; i < labels.length; i++) {
    expect(new Set(bytes.subarray(i * each, (i + 1) * each))).toEqual(new Set([level(labels[i])]));
  }
}

describe('a folder of classes', () => {
  it('gives all classes in the order of their names, and sets a share of each aside to test on', async () => {
    const set = await load('plain');
    expect(set).toMatchObject({ name: 'plain', natural: true, classNames: ['ant', 'bee', 'cat'] });
    expect(set).toMatchObject({ height: 8, width: 8, channels: 3, keeps: { mirror: true } });
    // A class of one image is trained on.
    expect(classCounts(set.train.labels, 3)).toEqual([8, 4, 1]);
    expect(classCounts(set.test.labels, 3)).toEqual([2, 1, 0]);
    expect(set.notes).toEqual(['1 class has no test images, so nothing is known of how well they are told: cat.']);
    expectLevels(set.train, 192);
    expectLevels(set.test, 192);
    expect(set.validation).toBeUndefined();
    // 13 training images of three grey levels.
    const mean = (8 * level(0) + 4 * level(1) + level(2)) / 13 / 255;
    for (const value of set.mean) expect(value).toBeCloseTo(mean, 12);
    const variance = [8, 4, 1].reduce((sum, n, c) => sum + (n * (level(c) / 255 - mean) ** 2) / 13, 0);
    for (const value of set.std) expect(value).toBeCloseTo(Math.sqrt(variance), 12);
  });

  it('sets the same images aside each time, and others for another share', async () => {
    const [a, b] = [await load('plain'), await load('plain')];
    expect(b.test.digest).toBe(a.test.digest);
    expect((await load('plain', { testShare: 0.5 })).test.labels.length).toBe(8);
  });

  it('takes train, test and val as they are', async () => {
    await makeFolder('parted/train', { x: 3, y: 2 });
    await makeFolder('parted/test', { x: 1, y: 2 });
    await makeFolder('parted/val', { x: 2, y: 1 });
    const set = await load('parted', { mirror: false });
    expect(set.classNames).toEqual(['x', 'y']);
    expect(classCounts(set.train.labels, 2)).toEqual([3, 2]);
    expect(classCounts(set.test.labels, 2)).toEqual([1, 2]);
    expect(classCounts(set.validation!.labels, 2)).toEqual([2, 1]);
    expectLevels(set.validation!, 192);
    expect(set.keeps).toMatchObject({ mirror: false });
    expect(set.notes).toEqual([]);
  });

  it('walks folders within classes and passes over other files, which it counts', async () => {
    await makeFolder('untidy', { a: 3, b: 3 });
    await writeImage(at('untidy', 'a', 'deep', 'deeper', 'x.jpg'), hex(0));
    for (const [file, text] of [
      ['a/notes.txt', 'x'],
      ['b/song.ogg', 'x'],
      ['b/.DS_Store', 'x'],
      ['readme.md', 'x'],
    ]) {
      writeFileSync(at('untidy', file), text);
    }
    const set = await load('untidy');
    expect(set.train.labels.length + set.test.labels.length).toBe(7);
    expect(set.notes).toEqual(['Passed over 3 files that are no images (.md 1, .txt 1, .ogg 1).']);
  });

  it('lays transparent pixels on the colour that is asked for, and keeps what was decoded on each', async () => {
    const transparent = { r: 0, g: 0, b: 0, alpha: 0 };
    for (const name of ['a/1.png', 'a/2.png', 'b/1.png', 'b/2.png']) {
      mkdirSync(at('clear', name, '..'), { recursive: true });
      await sharp({ create: { width: 9, height: 8, channels: 4, background: transparent } }).toFile(at('clear', name));
    }
    for (const [background, expected] of [
      [undefined, [255, 255, 255]],
      ['#102030', [16, 32, 48]],
      ['grey', [128, 128, 128]],
      ['white', [255, 255, 255]],
    ] as const) {
      const { train } = await load('clear', { background });
      expect([...allOf(train).subarray(0, 3)]).toEqual(expected);
    }
  });

  it('tests all images where a network has seen none of them', async () => {
    const set = await load('plain', { testAll: true });
    expect(classCounts(set.test.labels, 3)).toEqual([10, 5, 1]);
  });

  it('tests a folder of one class, which nothing could be trained on', async () => {
    await makeFolder('one-class', { a: 3 });
    expect(Array.from((await load('one-class', { testAll: true })).test.labels)).toEqual([0, 0, 0]);
    await expect(load('one-class')).rejects.toThrow('has one class, a: a network needs two or more to tell apart.');
  });
});

describe('what was decoded', () => {
  it('is kept until a file changes', async () => {
    await makeFolder('kept', { a: 4, b: 4 });
    const decodes = async () => {
      let done = 0;
      const set = await load('kept', { onProgress: (n) => (done = n) });
      return { done, set };
    };
    const first = await decodes();
    expect(first.done).toBe(8);
    const again = await decodes();
    expect(again.done).toBe(0);
    expect(allOf(again.set.train)).toEqual(allOf(first.set.train));
    expect(again.set.train.digest).toBe(first.set.train.digest);
    await writeImage(at('kept', 'a', '0.png'), '#ffffff');
    utimesSync(at('kept', 'a', '0.png'), 1, 1);
    const changed = await decodes();
    expect(changed.done).toBe(8);
    expect(changed.set.train.digest).not.toBe(first.set.train.digest);
  });

  it('is decoded again where the cache was cut short', async () => {
    await makeFolder('cut', { a: 3, b: 3 });
    const cache = join(held.environment.home, '.cache', 'wgrad', 'images');
    const before = new Set(existsSync(cache) ? readdirSync(cache) : []);
    const whole = allOf((await load('cut')).train);
    const [made] = readdirSync(cache).filter((name) => !before.has(name));
    truncateSync(join(cache, made, 'images.bin'), 10);
    expect(allOf((await load('cut')).train)).toEqual(whole);
  });

  it('leaves nothing behind where it was stopped', async () => {
    await makeFolder('stopped', { a: 6, b: 6 });
    const cache = join(held.environment.home, '.cache', 'wgrad', 'images');
    const before = readdirSync(cache).sort();
    const controller = new AbortController();
    const loading = load('stopped', { signal: controller.signal, onProgress: (n) => n === 3 && controller.abort() });
    expect(await loading.catch((error) => error)).toBe(controller.signal.reason);
    expect(readdirSync(cache).sort()).toEqual(before);
  });

  it('says where it cannot be kept', async () => {
    writeFileSync(at('file'), '');
    const environment = { ...held.environment, variables: { XDG_CACHE_HOME: at('file') } };
    await expect(load('plain', { environment })).rejects.toThrow(
      /^The decoded images cannot be written to .*XDG_CACHE_HOME\.$/,
    );
  });
});

describe('a table', () => {
  it('gives the images it names, parted as it says', async () => {
    await makeFolder('named', { a: 3, b: 3 });
    const rows = ['a/0.png,dog,train', 'a/1.png,dog,test', 'b/0.png,"eel, long",training', 'b/1.png,"eel, long",val'];
    writeFileSync(at('named', 'table.csv'), `\ufeffimage,label,split\n${rows.join('\n')}\n\n`);
    const set = await load('named/table.csv');
    expect(set).toMatchObject({ name: 'table', classNames: ['dog', 'eel, long'] });
    expect([set.train, set.test, set.validation!].map(({ labels }) => [...labels])).toEqual([[0, 1], [0], [1]]);
    expectLevels(set.train, 192);
    expectLevels(set.validation!, 192);
  });

  it.each<[string, string, string]>([
    ['without images', 'image,label\n', 'has no column image'],
    ['without a column', 'image,class\na/0.png,x\n', 'has no column label'],
    ['with an empty cell', 'image,label\na/0.png,x\nb/0.png,\n', 'line 3: there is no label.'],
    ['with a split that is none', 'image,label,split\na/0.png,x,dev\n', 'line 2: "dev" is no split'],
    ['with a row too short', 'image,label\na/0.png\n', 'is no table of comma-separated values'],
    ['with a file that is not there', 'image,label\na/0.png,x\nb/9.png,y\n', 'b/9.png in'],
  ])('%s is refused', async (_, text, words) => {
    await makeFolder('refused', { a: 1, b: 1 });
    writeFileSync(at('refused', 'table.csv'), text);
    await expect(load('refused/table.csv')).rejects.toThrow(words);
  });
});

describe('an archive of arrays', () => {
  const grey = (labels: readonly number[], channels: number) =>
    Uint8Array.from({ length: labels.length * 64 * channels }, (_, i) => level(labels[Math.floor(i / 64 / channels)]));
  const part = (name: string, labels: readonly number[], channels: 1 | 3, type: '|u1' | '<i8' = '<i8') => ({
    [`${name}_images`]: npy('|u1', [labels.length, 8, 8, ...(channels === 3 ? [3] : [])], grey(labels, channels)),
    [`${name}_labels`]: npy(type, [labels.length, 1], type === '|u1' ? Uint8Array.from(labels) : int64(labels)),
  });

  it.each([1, 3] as const)('gives its parts, of %i channels', async (channels) => {
    writeNpz(at(`set${channels}.npz`), {
      ...part('train', [0, 1, 1, 2], channels),
      ...part('val', [2, 0], channels, '|u1'),
      ...part('test', [1, 2, 0], channels),
      extra: npy('<f8', [1], new Uint8Array(8)),
    });
    const set = await load(`set${channels}.npz`);
    expect(set).toMatchObject({ name: `set${channels}`, classNames: ['0', '1', '2'] });
    expect([set.train, set.validation!, set.test].map(({ labels }) => [...labels])).toEqual([
      [0, 1, 1, 2],
      [2, 0],
      [1, 2, 0],
    ]);
    for (const split of [set.train, set.validation!, set.test]) expectLevels(split, 192);
  });

  it('resizes its images, and sets some aside where it has none to test on', async () => {
    writeNpz(at('larger.npz'), part('train', [0, 0, 0, 0, 0, 1, 1, 1, 1, 1], 3));
    const set = await load('larger.npz', { imageSize: 12 });
    expect(classCounts(set.test.labels, 2)).toEqual([1, 1]);
    expectLevels(set.train, 12 * 12 * 3);
  });

  it.each<[string, () => Record<string, Uint8Array>, string]>([
    ['without images', () => ({ train_labels: npy('<i8', [1], int64([0])) }), 'it holds no array train_images'],
    [
      'without labels',
      () => ({ train_images: npy('|u1', [1, 2, 2], new Uint8Array(4)) }),
      'it holds no array train_labels',
    ],
    [
      'of floats',
      () => ({ train_images: npy('<f4', [1, 2, 2], new Uint8Array(16)), train_labels: npy('<i8', [1], int64([0])) }),
      'train_images is <f4 of shape [1, 2, 2]',
    ],
    [
      'of volumes',
      () => ({ train_images: npy('|u1', [1, 2, 2, 2], new Uint8Array(8)), train_labels: npy('<i8', [1], int64([0])) }),
      'shape [1, 2, 2, 2]; uint8 [N, H, W]',
    ],
    [
      'with several labels an image',
      () => ({
        train_images: npy('|u1', [1, 2, 2], new Uint8Array(4)),
        train_labels: npy('<i8', [1, 2], int64([0, 1])),
      }),
      'train_labels has shape [1, 2]; one label for each image',
    ],
    [
      'with labels that do not match',
      () => ({ train_images: npy('|u1', [1, 2, 2], new Uint8Array(4)), train_labels: npy('<i8', [2], int64([0, 1])) }),
      'train_images are 1 and train_labels 2',
    ],
    [
      'cut short',
      () => ({ train_images: npy('|u1', [2, 2, 2], new Uint8Array(5)), train_labels: npy('<i8', [2], int64([0, 1])) }),
      'train_images ends after 1 of 2 images',
    ],
    [
      'in Fortran order',
      () => ({
        train_images: npy('|u1', [1, 2, 2], new Uint8Array(4), 'True'),
        train_labels: npy('<i8', [1], int64([0])),
      }),
      'numpy.ascontiguousarray',
    ],
    [
      'of text',
      () => ({ train_images: new TextEncoder().encode('no array at all'), train_labels: npy('<i8', [1], int64([0])) }),
      'it is no array in NumPy’s format',
    ],
  ])('%s is refused', async (_, arrays, words) => {
    writeNpz(at('refused.npz'), arrays());
    await expect(load('refused.npz')).rejects.toThrow(words);
  });

  it('is refused where a byte of it was changed', async () => {
    // Stored as they are, so that a changed byte is a changed pixel.
    const noise = Uint8Array.from({ length: 2 * 64 }, (_, i) => (i * 7919 + ((i * i) % 253)) % 256);
    const arrays = { train_images: npy('|u1', [2, 8, 8], noise), train_labels: npy('<i8', [2], int64([0, 1])) };
    writeNpz(at('flipped.npz'), arrays, 0);
    const bytes = readFileSync(at('flipped.npz'));
    const where = bytes.indexOf(Buffer.from(noise.subarray(100, 104)));
    expect(where).toBeGreaterThan(0);
    bytes[where] ^= 1;
    writeFileSync(at('flipped.npz'), bytes);
    await expect(load('flipped.npz')).rejects.toThrow('its checksum differs');
  });

  it('is refused where it is no archive', async () => {
    writeFileSync(at('text.npz'), 'no archive');
    await expect(load('text.npz')).rejects.toThrow(/text\.npz cannot be used: /);
  });
});

describe('what cannot be used', () => {
  it('is named in one sentence', async () => {
    await expect(load('nowhere')).rejects.toThrow('is not there: name a folder of images, a .csv or an .npz file.');
    writeFileSync(at('photo.txt'), '');
    await expect(load('photo.txt')).rejects.toThrow('is no data set');
    mkdirSync(at('empty'));
    await expect(load('empty')).rejects.toThrow('holds no folders of classes');
    mkdirSync(at('hollow', 'train'), { recursive: true });
    await expect(load('hollow')).rejects.toThrow(/hollow.train holds no folders of classes/);
    await makeFolder('untrained/test', { a: 1, b: 1 });
    await expect(load('untrained')).rejects.toThrow('has test but no train');
    await makeFolder('single', { only: 3 });
    await expect(load('single')).rejects.toThrow('has one class, only: a network needs two or more');
    await makeFolder('missing', { a: 3, b: 3 });
    mkdirSync(at('missing', 'c'));
    await expect(load('missing')).rejects.toThrow(
      /^The class c of .* has no training images: add some, or remove the class\.$/,
    );
    await makeFolder('singles', { a: 1, b: 1 });
    await expect(load('singles')).rejects.toThrow('has one image of each class: none can be set aside');
  });

  it('is a damaged image, which is named, or left out and counted', async () => {
    await makeFolder('damaged', { a: 5, b: 5 });
    writeFileSync(at('damaged', 'b', '1.png'), 'no image');
    writeFileSync(at('damaged', 'b', '3.jpg'), '');
    const photo = await sharp({ create: { width: 300, height: 300, channels: 3, background: '#345' } })
      .jpeg()
      .toBuffer();
    writeFileSync(at('damaged', 'a', '0.png'), photo.subarray(0, photo.length / 2));
    await expect(load('damaged')).rejects.toThrow(
      /^a\/0\.png in .* cannot be decoded: .*, and 2 more like it; .*--skip-damaged\.$/,
    );
    const set = await load('damaged', { skipDamaged: true });
    expect(set.notes).toEqual(['Left out 3 damaged images: a/0.png, b/1.png, b/3.jpg.']);
    expect(set.train.labels.length + set.test.labels.length).toBe(8);
    expectLevels(set.train, 192);
    // Mended, it is an image like others.
    rmSync(at('damaged', 'b', '3.jpg'));
    await writeImage(at('damaged', 'b', '1.png'), hex(1));
    await writeImage(at('damaged', 'a', '0.png'), hex(0));
    expect((await load('damaged')).notes).toEqual([]);
  });
});
