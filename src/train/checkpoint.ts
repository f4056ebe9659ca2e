import { z } from 'zod';
import type { Module } from '../nn/module.ts';
import type { Optimizer } from '../nn/optimizers/optimizer.ts';
import { StateDictError } from '../nn/state_dict.ts';
import { WeightsFormatError } from '../nn/weights/format_error.ts';
import { downloadTensors, type HostTensor, uploadTensors } from '../nn/weights/host_tensor.ts';
import { CHECKPOINT_FORMAT } from '../nn/weights/read_weights.ts';
import { readSafetensors, type SafetensorsContent, writeSafetensors } from '../nn/weights/safetensors.ts';
import { DeviceError, OutOfMemoryError, UserError } from '../runtime/errors.ts';
import type { BestEpoch } from './best_epoch.ts';
import { epochRecord } from './epoch_record.ts';

/** Version of the checkpoint's own fields; the tensors are safetensors. Files of version 1, still read, hold no checksum. */
export const VERSION = '2';
export const UNSEALED_VERSION = '1';
const count = z.number().int().min(0);

const positionSchema = z.object({
  /** Epoch and step within it that come next. */
  epoch: count,
  step: count,
  /** Sums over the current epoch so far. */
  running: z.object({ loss: z.number(), correct: count, count }),
  history: z.array(epochRecord),
  /** Seconds of training of each finished epoch, and of the current one so far. */
  epochSeconds: z.array(z.number().min(0)),
  seconds: z.number().min(0),
  generator: z.object({ seed: count, stream: count, offset: count }),
  /** Of a training in half precision: the scale of its loss. */
  scaler: z
    .object({ scale: z.number().positive(), goodSteps: count, skippedSteps: count, skippedInARow: count })
    .optional(),
  /** The best epoch on the validation images so far. */
  best: z.object({ epoch: count.min(1), value: z.number() }).optional(),
});

/** Where a training stands, apart from its model's and optimizer's tensors. */
export type TrainingPosition = Omit<z.infer<typeof positionSchema>, 'best'> & { best?: BestEpoch };

/** What has a state of numbers, texts and lists of them, such as a learning-rate schedule. */
export interface ScheduleState {
  stateDict(): Record<string, unknown>;
  /** Throws where the state is another schedule's. */
  loadStateDict(state: Record<string, unknown>): void;
}

/** What a checkpoint holds the state of. */
export interface Checkpointed {
  model: Module;
  optimizer: Optimizer;
  /** Left out where the hyperparameters stay as they are. */
  schedule?: ScheduleState;
}

const optimizerScalars = z.object({
  steps: z.array(count),
  groups: z.array(z.object({ parameters: count, hyperparameters: z.record(z.string(), z.unknown()) })),
});

const metadataSchema = z.object({
  format: z.literal(CHECKPOINT_FORMAT),
  version: z.enum([UNSEALED_VERSION, VERSION]),
  configuration: z.string(),
  position: z.string(),
  optimizer: z.string(),
  schedule: z.string().optional(),
});

const scheduleScalars = z.record(z.string(), z.unknown());

/** The tensors with a prefix to their names. */
export function prefixed<T>(prefix: string, tensors: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...tensors].map(([name, tensor]) => [`${prefix}.${name}`, tensor]));
}

/** The tensors whose names have a prefix, without it. */
export function unprefixed<T>(prefix: string, tensors: ReadonlyMap<string, T>): Map<string, T> {
  return new Map(
    [...tensors].flatMap(([name, tensor]) =>
      name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), tensor] as const] : [],
    ),
  );
}

/**
 * Model, optimizer, schedule and position as one safetensors file. configuration: a text to know the run by.
 * Throws UserError where a tensor holds a NaN or an infinity: there is nothing to go on from.
 */
export async function encodeCheckpoint(
  { model, optimizer, schedule }: Checkpointed,
  position: TrainingPosition,
  configuration: string,
): Promise<Uint8Array> {
  const { tensors, scalars } = optimizer.stateDict();
  const all = await downloadTensors(
    new Map([...prefixed('model', model.stateDict()), ...prefixed('optimizer', tensors)]),
  );
  const { best: { weights = new Map<string, HostTensor>(), ...best } = {}, ...place } = position;
  for (const [name, { data }] of all) {
    const value = data.find((value) => !Number.isFinite(value));
    if (value === undefined) continue;
    const tensor = name.replace(/^model\./, '');
    throw new UserError(
      `The training has diverged: after ${position.epoch} epochs and ${position.step} steps ${tensor} holds ${value}; try a smaller learning rate.`,
    );
  }
  const metadata = {
    format: CHECKPOINT_FORMAT,
    version: VERSION,
    configuration,
    position: JSON.stringify({ ...place, ...(position.best && { best }) }),
    optimizer: JSON.stringify(scalars),
    ...(schedule && { schedule: JSON.stringify(schedule.stateDict(), refuseNonFinite) }),
  };
  return writeSafetensors(new Map<string, HostTensor>([...all, ...prefixed('best', weights)]), metadata, {
    sealed: true,
  });
}

/**
 * The position that a checkpoint holds, after its state went into model, optimizer and schedule.
 * Throws UserError where the file is damaged or another configuration's; model, optimizer and schedule are then not to be used.
 */
export function decodeCheckpoint(
  file: CheckpointFile,
  { model, optimizer, schedule }: Checkpointed,
  configuration: string,
): TrainingPosition {
  const remedy = 'delete it to train from the beginning';
  return openCheckpoint(file, { schema: metadataSchema, configuration, remedy }, ({ tensors, metadata }) => {
    const { gpu } = model.parameters()[0];
    const position = positionSchema.parse(JSON.parse(metadata.position));
    const scalars = optimizerScalars.parse(JSON.parse(metadata.optimizer));
    const { schedule: saved } = metadata;
    if ((saved === undefined) !== (schedule === undefined)) {
      throw new Error(
        `The checkpoint has ${saved === undefined ? 'no schedule' : 'a schedule'}, this training not so.`,
      );
    }
    const scheduled = saved === undefined ? {} : scheduleScalars.parse(JSON.parse(saved));
    gpu.scope(() => {
      const uploaded = uploadTensors(gpu, tensors);
      model.loadStateDict(unprefixed('model', uploaded), { strict: true });
      optimizer.loadStateDict({ tensors: unprefixed('optimizer', uploaded), scalars });
    });
    // After the optimizer, whose hyperparameters it sets.
    schedule?.loadStateDict(scheduled);
    const weights = unprefixed('best', tensors);
    if (position.best === undefined) return { ...position, best: undefined };
    return { ...position, best: { ...position.best, ...(weights.size > 0 && { weights }) } };
  });
}

/** A file that was read, and its path or whatever messages are to call it. */
export interface CheckpointFile {
  path: string;
  bytes: Uint8Array;
}

/** A checkpoint to be opened. */
interface OpenOptions<M> {
  /** Of its metadata. */
  schema: z.ZodType<M>;
  /** The text that it must know its run by. */
  configuration: string;
  /** What to do where it is of another version. */
  remedy: string;
}

/**
 * What `restore` makes of a checkpoint. Throws UserError where the file is of another version or configuration, or `restore`
 * cannot use it, which means that it is damaged.
 */
export function openCheckpoint<M extends { configuration: string }, T>(
  file: CheckpointFile,
  { schema, configuration, remedy }: OpenOptions<M>,
  restore: (content: { tensors: SafetensorsContent['tensors']; metadata: M }) => T,
): T {
  const { path } = file;
  const { tensors, metadata } = contentOf(file);
  const parsed = schema.safeParse(metadata);
  if (!parsed.success) throw new UserError(`${path} is no checkpoint of this version; ${remedy}.`);
  if (parsed.data.configuration !== configuration) {
    throw new UserError(`${path} belongs to a run of another configuration; start a new run.`);
  }
  try {
    return restore({ tensors, metadata: parsed.data });
  } catch (cause) {
    if (cause instanceof DeviceError || cause instanceof OutOfMemoryError) throw cause;
    throw new DamagedCheckpoint(path, cause);
  }
}

/** JSON has no NaN and no infinity, and would write null in their place. */
function refuseNonFinite(key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Error(`encodeCheckpoint: the schedule's ${key} is ${value}; only finite numbers can be saved.`);
  }
  return value;
}

/** A checkpoint whose bytes are not those that were written. */
export class DamagedCheckpoint extends UserError {
  override readonly name = 'DamagedCheckpoint';
  /** What is wrong, as the beginning of a sentence. */
  readonly clause: string;

  constructor(path: string, cause: unknown) {
    // zod's messages are lists over several lines.
    const why = cause instanceof WeightsFormatError || cause instanceof StateDictError ? ` (${cause.message})` : '';
    const clause = `The checkpoint ${path} is damaged${why}`;
    super(`${clause}; delete it to train from the beginning.`, { cause });
    this.clause = clause;
  }
}

/** What a checkpoint's file holds. Throws DamagedCheckpoint where it is damaged, which its checksum tells. */
export function contentOf({ path, bytes }: CheckpointFile): SafetensorsContent {
  try {
    const content = readSafetensors(bytes);
    const { format, version, finished } = content.metadata;
    if (format === CHECKPOINT_FORMAT && !content.sealed && (version ?? finished) !== UNSEALED_VERSION) {
      throw new WeightsFormatError('Its checksum is missing.');
    }
    return content;
  } catch (cause) {
    throw new DamagedCheckpoint(path, cause);
  }
}
