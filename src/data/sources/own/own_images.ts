import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { type Environment, hostEnvironment } from '../../../node/host_environment.ts';
import { UserError } from '../../../runtime/errors.ts';
import { classCounts } from '../../class_counts.ts';
import { holdOut } from '../../hold_out.ts';
import type { ImageDataset, ImageSplit } from '../../image_dataset.ts';
import { PickedImages } from '../../picked_images.ts';
import { measurePixels } from '../../pixel_statistics.ts';
import { TEST_SHARE_STREAM } from '../../random_streams.ts';
import { listCsv } from './csv_listing.ts';
import { BACKGROUND } from './decode_image.ts';
import { type DecodedImages, decodedImages } from './decoded_images.ts';
import { listFolder } from './folder_listing.ts';
import type { ImageListing, SplitName } from './image_listing.ts';
import { listNpz } from './npz_listing.ts';

/** How a data set of one's own is read. */
export interface OwnImagesOptions {
  /** Height and width that images are brought to. Default 32. */
  imageSize?: number;
  /** What transparent pixels are laid on: a colour as CSS writes it. Default white. */
  background?: string;
  /** Share of each class's training images to test on, where the data set has no test images. Default 0.2. */
  testShare?: number;
  /** Where the data set has no test images: all are training and test images at once, to test a network that has seen none of them. Default false. */
  testAll?: boolean;
  /** Whether an image that is mirrored is still of its class. Default true. */
  mirror?: boolean;
  /** Go on without images that cannot be decoded. Default false. */
  skipDamaged?: boolean;
  /** Told how many images of how many are decoded, where they are not yet. */
  onProgress?: (done: number, total: number) => void;
  /** Stops decoding; nothing of it is left behind. */
  signal?: AbortSignal;
  /** Where the cache is; the process's own where none is given. */
  environment?: Environment;
}

/** What `loadOwnImages` takes where nothing is said. */
export const OWN_IMAGES_DEFAULTS = { imageSize: 32, background: BACKGROUND, testShare: 0.2 } as const;

const CHANNELS = 3;

/** Which images are set aside to test on: the same ones whatever a training's seed, so that trainings are compared on the same images. */
const SPLIT_SEED = 42;

/** Names that a message lists at most. */
const MOST_NAMES = 3;

/**
 * A data set of one's own, its images [imageSize, imageSize, 3]: a folder with `train/CLASS/…` and `test/CLASS/…`, and `val/CLASS/…` where it is
 * there; a folder with `CLASS/…` alone; a table (.csv) with the columns image, label and, where it is there, split; or an archive (.npz) as MedMNIST
 * publishes them. Where there are no test images, a share of each class's training images is set aside.
 *
 * Class sizes are kept as they are. Mean and deviation are measured on the training images. Images are decoded once and kept in the user's cache.
 *
 * @throws UserError, one sentence, for what is not there, no such data set, or damaged.
 */
export async function loadOwnImages(path: string, options: OwnImagesOptions = {}): Promise<ImageDataset> {
  const {
    imageSize = OWN_IMAGES_DEFAULTS.imageSize,
    background = OWN_IMAGES_DEFAULTS.background,
    testShare = OWN_IMAGES_DEFAULTS.testShare,
    mirror = true,
    skipDamaged = false,
    testAll = false,
    onProgress,
    signal,
    environment = hostEnvironment(),
  } = options;
  const listing = await listingOf(path);
  if (listing.labels.length === 0) throw new UserError(`${path} holds no images.`);
  const decoded = await decodedImages(listing, { size: imageSize, background, environment, onProgress, signal });
  const notes = [...listing.notes, ...failureNotes(path, listing, decoded.failures, skipDamaged)];
  const parts = partPositions(path, listing, decoded.failures, testAll ? 'all' : testShare);
  const split = (part: SplitName) => splitAt(listing, decoded, parts[part], imageSize);
  const train = split('train');
  const { mean, std } = measurePixels(train.images, CHANNELS);
  const { classNames } = listing;
  const keeps = { mirror, rotation: true, colour: true };
  return {
    name: basename(resolve(path), extname(path)) || 'images',
    natural: true,
    ...{ classNames, height: imageSize, width: imageSize, channels: CHANNELS },
    train,
    ...(parts.validation.length > 0 && { validation: split('validation') }),
    test: split('test'),
    mean,
    // A channel that never changes has no deviation to divide by.
    std: std.map((value) => value || 1),
    keeps,
    source: resolve(path),
    notes: [...notes, ...untestedNote(classNames, split('test'))],
  };
}

async function listingOf(path: string): Promise<ImageListing> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return listFolder(path);
  if (found === undefined)
    throw new UserError(`${path} is not there: name a folder of images, a .csv or an .npz file.`);
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return listCsv(path);
    case '.npz':
      return listNpz(path);
    default:
      throw new UserError(`${path} is no data set: name a folder of images, a .csv or an .npz file.`);
  }
}

function failureNotes(
  path: string,
  { nameOf }: ImageListing,
  failures: DecodedImages['failures'],
  skipDamaged: boolean,
): string[] {
  if (failures.size === 0) return [];
  const [[first, reason]] = failures;
  const more = failures.size > 1 ? `, and ${failures.size - 1} more like it` : '';
  if (!skipDamaged) {
    throw new UserError(
      `${nameOf(first)} in ${path} cannot be decoded: ${reason}${more}; mend or remove ${more === '' ? 'it' : 'them'}, or go on without by --skip-damaged.`,
    );
  }
  const names = [...failures.keys()].slice(0, MOST_NAMES).map(nameOf).join(', ');
  const rest = failures.size > MOST_NAMES ? ', …' : '';
  return [`Left out ${failures.size} damaged ${failures.size === 1 ? 'image' : 'images'}: ${names}${rest}.`];
}

/** Positions of each part in the listing, ascending. Throws UserError where a network could not learn from them. */
function partPositions(
  path: string,
  { classNames, labels, splits }: ImageListing,
  failures: DecodedImages['failures'],
  testShare: number | 'all',
): Record<SplitName, Uint32Array> {
  const usable = Array.from(labels.keys()).filter((index) => !failures.has(index));
  const of = (part: SplitName) => Uint32Array.from(usable.filter((index) => (splits[index] ?? 'train') === part));
  const parts = { train: of('train'), validation: of('validation'), test: of('test') };
  // Nothing is learnt from these.
  if (testShare === 'all') return parts.test.length > 0 ? parts : { ...parts, test: parts.train };
  if (classNames.length < 2) {
    throw new UserError(`${path} has one class, ${classNames[0]}: a network needs two or more to tell apart.`);
  }
  const counts = classCounts(
    parts.train.map((index) => labels[index]),
    classNames.length,
  );
  const empty = classNames.filter((_, label) => counts[label] === 0);
  if (empty.length > 0) {
    const [names, verb] = [empty.slice(0, MOST_NAMES).join(', '), empty.length === 1 ? 'class' : 'classes'];
    throw new UserError(
      `The ${verb} ${names}${empty.length > MOST_NAMES ? ', …' : ''} of ${path} ${empty.length === 1 ? 'has' : 'have'} no training images: add some, or remove the ${verb}.`,
    );
  }
  if (parts.test.length > 0) return parts;
  const { train } = parts;
  const { fit, validation: test } = holdOut(
    train.map((index) => labels[index]),
    { classes: classNames.length, share: testShare, seed: SPLIT_SEED, stream: TEST_SHARE_STREAM },
  );
  if (test.length === 0) {
    throw new UserError(`${path} has one image of each class: none can be set aside to test on; add images.`);
  }
  return { ...parts, train: fit.map((at) => train[at]), test: test.map((at) => train[at]) };
}

function splitAt(
  { labels }: ImageListing,
  { images, sha256 }: DecodedImages,
  positions: Uint32Array,
  size: number,
): ImageSplit {
  return {
    images: new PickedImages(images, positions, size * size * CHANNELS),
    labels: positions.map((index) => labels[index]),
    digest: `${sha256} ${createHash('sha256').update(positions).digest('hex')}`,
  };
}

/** A sentence on classes that cannot be tested; none where there are none. */
function untestedNote(classNames: readonly string[], { labels }: ImageSplit): string[] {
  const counts = classCounts(labels, classNames.length);
  const untested = classNames.filter((_, label) => counts[label] === 0);
  if (untested.length === 0) return [];
  const names = `${untested.slice(0, MOST_NAMES).join(', ')}${untested.length > MOST_NAMES ? ', …' : ''}`;
  const [noun, verb] = untested.length === 1 ? ['class', 'has'] : ['classes', 'have'];
  return [
    `${untested.length} ${noun} ${verb} no test images, so nothing is known of how well they are told: ${names}.`,
  ];
}
