import { z } from 'zod';
import { DATASET_NAMES, type ImageDataset } from '../../data/image_dataset.ts';
import { MODEL_NAMES, type ModelName } from '../../nn/models/index.ts';
import { WeightsFormatError } from '../../nn/weights/format_error.ts';
import { CHECKPOINT_FORMAT } from '../../nn/weights/read_weights.ts';
import { isSafetensors, readSafetensors } from '../../nn/weights/safetensors.ts';
import { UserError } from '../../runtime/errors.ts';
import { recipeSchema } from '../../train/recipe.ts';
import { RECIPE_FIELDS } from '../../train/recipe_fields.ts';
import { weightsRecord } from '../../train/weights_record.ts';
import { DATA_FIELDS, type DataReading, readingOf, readingSchema } from './data_fields.ts';

const numbersText = (each: z.ZodNumber) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part))))
    .pipe(z.array(each));

const json = <T>(schema: z.ZodType<T>) => z.string().transform(parsed).pipe(schema).optional().catch(undefined);

/** What `wgrad train` writes beside the weights. */
const weightsSchema = z.object({
  model: z.enum(MODEL_NAMES),
  width: z.string().transform(Number).pipe(RECIPE_FIELDS.width.schema),
  data: z.string(),
  mean: numbersText(z.number()),
  std: numbersText(z.number().positive()),
  classes: json(z.array(z.string())),
  imageSize: json(DATA_FIELDS.imageSize.schema),
  reading: json(readingSchema),
});

/** What is written beside weights of these parts: what `recordedNetwork` reads back. */
export function recordOf(
  { model, width, data, ...configuration }: { model: string; width: number; data: string } & DataReading,
  dataset: ImageDataset,
): Record<string, string> {
  return weightsRecord({ model, width, data, reading: readingOf(configuration) }, dataset);
}

/**
 * What identifies a training in the metadata of its checkpoint; see `identify`. Its images are told by the name of their data set and hashes; those
 * of another task, as the rotations to pretrain on, begin with the task's name and so give no data set.
 */
const identitySchema = z.object({
  recipe: recipeSchema,
  data: z
    .string()
    .transform((identity) => identity.split(':')[0])
    .pipe(z.enum(DATASET_NAMES))
    .optional()
    .catch(undefined),
});

/** The network of a file of weights as the file itself describes it, with the data that it was trained on where that is told. */
export interface RecordedNetwork {
  model: ModelName;
  width: number;
  /** A name, or where images of one's own are. */
  data?: string;
  /** Of each channel, by which its images were normalised. */
  mean?: number[];
  std?: number[];
  /** The names of its classes. */
  classes?: string[];
  /** Height and width of its images. */
  imageSize?: number;
  /** How its data set was read. */
  reading?: DataReading;
}

/**
 * What a file says of the network whose weights it holds: one that `wgrad train` wrote, or a checkpoint; undefined of any other file. Throws
 * WeightsFormatError where the numbers that `wgrad train` wrote are none that a network can have.
 */
export function recordedNetwork(file: Uint8Array): RecordedNetwork | undefined {
  if (!isSafetensors(file)) return undefined;
  const { metadata } = readSafetensors(file);
  if (metadata.format !== CHECKPOINT_FORMAT) {
    const { data, error } = weightsSchema.safeParse(metadata);
    const wrong = error?.issues.map(({ path: [field] }) => String(field)) ?? [];
    const numbers = (['width', 'mean', 'std'] as const).find((name) => wrong.includes(name) && name in metadata);
    if (numbers === undefined || wrong.includes('model')) return data;
    throw new WeightsFormatError(`Its metadata says that ${numbers} is '${metadata[numbers]}', which no network has.`);
  }
  const identity = identitySchema.safeParse(parsed(metadata.configuration)).data;
  return identity && { model: identity.recipe.model, width: identity.recipe.width, data: identity.data };
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '');
  } catch {
    return undefined;
  }
}

/** Numbers that people write shorter than a file does. */
const CLOSE = 1e-3;

/** Whether what was given says the same as what was recorded. */
function agrees(given: unknown, recorded: unknown): boolean {
  if (!Array.isArray(given) || !Array.isArray(recorded)) return given === recorded;
  return given.length === recorded.length && given.every((value, i) => Math.abs(value - recorded[i]) <= CLOSE);
}

/**
 * The options given, with those left out as recorded. path: of the file, for the message. The data set alone may differ: a network can be tested on
 * other images than its own. Throws UserError, one sentence, where an option contradicts the record.
 */
export function withRecorded<Given extends Partial<RecordedNetwork>>(
  given: Given,
  recorded: RecordedNetwork | undefined,
  path: string,
): Given & Partial<RecordedNetwork> {
  if (recorded === undefined) return given;
  for (const option of ['model', 'width', 'mean', 'std'] as const) {
    const [asked, known] = [given[option], recorded[option]];
    if (asked === undefined || known === undefined || agrees(asked, known)) continue;
    throw new UserError(
      `--${option} ${asked} contradicts the weights ${path}, which are of a network with ${option} ${known}; leave the option out.`,
    );
  }
  const left = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...given, ...recorded, ...Object.fromEntries(left) };
}
