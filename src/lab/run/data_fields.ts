import { z } from 'zod';
import { IMBALANCE_TYPES, TAIL_IMAGES } from '../../data/long_tail.ts';
import { OWN_IMAGES_DEFAULTS } from '../../data/sources/own/own_images.ts';
import type { RecipeField } from '../../train/recipe_fields.ts';

const whole = z.number().int().min(1);

/** What of a data set is trained and tested on, and how images of one's own are read: the fields, as the recipe's are. */
export const DATA_FIELDS = {
  imbalance: {
    ...{ schema: z.number().min(1), range: 'a number of at least 1', flags: '--imbalance <ratio>' },
    help: 'make a long tail: training images of the largest class over those of the smallest',
    usually: '1, and images of your own as they are',
  },
  imbalanceType: {
    ...{
      schema: z.enum(IMBALANCE_TYPES),
      range: `one of ${IMBALANCE_TYPES.join(', ')}`,
      flags: '--imbalance-type <type>',
    },
    help: 'how the sizes of classes fall: from class to class, or all at once in the middle',
    usually: 'long-tail',
  },
  tailImages: {
    ...{ schema: z.enum(TAIL_IMAGES), range: `one of ${TAIL_IMAGES.join(', ')}`, flags: '--tail-images <which>' },
    help: 'which images of a class are trained on, where not all are: drawn by the seed, or its first ones',
    usually: 'random',
  },
  maxPerClass: {
    ...{ schema: whole, range: 'a whole number of at least 1', flags: '--max-per-class <n>' },
    ...{ help: 'training images of the largest class', usually: 'all' },
  },
  testPerClass: {
    ...{ schema: whole, range: 'a whole number of at least 1', flags: '--test-per-class <n>' },
    ...{ help: 'test images of each class', usually: 'all' },
  },
  mirror: {
    ...{ schema: z.boolean(), range: 'true or false', flags: '--no-mirror' },
    ...{ help: 'do not mirror images: a mirrored one is not of its class', usually: 'mirrored, but for digits' },
  },
  imageSize: {
    ...{ schema: whole.min(8).max(1024), range: 'a whole number from 8 to 1024', flags: '--image-size <pixels>' },
    ...{ help: 'of images of your own: height and width', usual: () => OWN_IMAGES_DEFAULTS.imageSize },
  },
  background: {
    schema: z.string().regex(/^(white|black|grey|#[0-9a-f]{6})$/i),
    ...{ range: 'white, black, grey, or # and six hexadecimal digits', flags: '--background <colour>' },
    help: 'of images of your own: what transparent pixels are laid on: white, black, grey, or #rrggbb',
    usual: () => OWN_IMAGES_DEFAULTS.background,
  },
  testShare: {
    ...{ schema: z.number().gt(0).lt(1), range: 'a number above 0 and below 1', flags: '--test-share <share>' },
    help: 'of images of your own without test images: share of each class to test on',
    usual: () => OWN_IMAGES_DEFAULTS.testShare,
  },
  skipDamaged: {
    ...{ schema: z.boolean(), range: 'true or false', flags: '--skip-damaged' },
    ...{ help: 'of images of your own: go on without those that cannot be decoded', usually: 'they are an error' },
  },
} as const satisfies Record<string, RecipeField>;

/** Which of a data set's images are trained and tested on: as it is given. */
export const amountSchema = z.strictObject({
  imbalance: DATA_FIELDS.imbalance.schema.optional(),
  imbalanceType: DATA_FIELDS.imbalanceType.schema.optional(),
  tailImages: DATA_FIELDS.tailImages.schema.optional(),
  maxPerClass: DATA_FIELDS.maxPerClass.schema.optional(),
  testPerClass: DATA_FIELDS.testPerClass.schema.optional(),
});

/** See `amountSchema`. */
export type DataAmount = z.infer<typeof amountSchema>;

/** What of these options says which images are trained and tested on. */
export function amountOf({ imbalance, imbalanceType, tailImages, maxPerClass, testPerClass }: DataAmount): DataAmount {
  return { imbalance, imbalanceType, tailImages, maxPerClass, testPerClass };
}

/** How a data set is read: what stands in configurations and is given again where a run goes on. */
export const readingSchema = z.strictObject({
  mirror: DATA_FIELDS.mirror.schema.optional(),
  imageSize: DATA_FIELDS.imageSize.schema.optional(),
  background: DATA_FIELDS.background.schema.optional(),
  testShare: DATA_FIELDS.testShare.schema.optional(),
  skipDamaged: DATA_FIELDS.skipDamaged.schema.optional(),
});

/** How a data set is read; what is left out is as usual. */
export type DataReading = z.infer<typeof readingSchema>;

/** What of these options says how a data set is read, where that is not as usual. */
export function readingOf({ mirror, imageSize, background, testShare, skipDamaged }: DataReading): DataReading {
  const given = { mirror: mirror === false ? mirror : undefined, imageSize, background, testShare, skipDamaged };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** The same of images of one's own, with what their transparent pixels are laid on, so that others can be laid on it too. */
export function ownReadingOf(reading: DataReading): DataReading {
  return readingOf({ ...reading, background: reading.background ?? OWN_IMAGES_DEFAULTS.background });
}
