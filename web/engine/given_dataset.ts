import { holdOut } from '../../src/data/hold_out.ts';
import type { ImageDataset } from '../../src/data/image_dataset.ts';
import { measurePixels } from '../../src/data/pixel_statistics.ts';
import { UserError } from '../../src/runtime/errors.ts';
import type { GivenImages } from '../protocol.ts';

/** Share of each class that is held out of images that say of none that it is to be tested on. */
const HELD_SHARE = 0.2;
/** As the command line's default. */
const SEED = 42;

/** Images that were dropped on the page as a data set. @throws UserError where a class has too few. */
export function givenDataset(given: GivenImages): ImageDataset {
  const { name, classNames, height, width, channels, mirror } = given;
  const size = height * width * channels;
  const part = (positions: Uint32Array) => {
    const images = new Uint8Array(positions.length * size);
    for (const [i, at] of positions.entries()) images.set(given.images.subarray(at * size, (at + 1) * size), i * size);
    return { images, labels: positions.map((at) => given.labels[at]) };
  };
  const whole = { images: given.images, labels: given.labels };
  const { fit, validation } = given.test
    ? { fit: undefined, validation: undefined }
    : holdOut([...given.labels], { classes: classNames.length, share: HELD_SHARE, seed: SEED });
  if (validation?.length === 0)
    throw new UserError('Each class needs two images at least: one to train on, and one to test.');
  const train = fit ? part(fit) : whole;
  const measured = measurePixels(train.images, channels);
  return {
    ...{ name, classNames, height, width, channels, train },
    test: validation ? part(validation) : (given.test as { images: Uint8Array; labels: Uint32Array }),
    ...{ mean: given.mean ?? measured.mean, std: given.std ?? measured.std },
    keeps: { mirror, rotation: true, colour: true },
    source: 'dropped on the page',
  };
}
