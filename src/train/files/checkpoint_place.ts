import { open } from 'node:fs/promises';
import { z } from 'zod';

/** Bytes of a header that is read: that of a checkpoint has a line for each tensor, and the history. */
const MOST_HEADER_BYTES = 16_000_000;

const headerSchema = z.object({ __metadata__: z.object({ position: z.string() }) });
const placeSchema = z.object({ epoch: z.number().int().min(0), epochSeconds: z.array(z.number().min(0)) });

/** How far a training has come. */
export interface CheckpointPlace {
  /** Epochs that are finished. */
  epochs: number;
  /** Seconds that these took. */
  seconds: number;
}

/**
 * How far the training of a checkpoint had come, from the file's header alone: cheap, and not checked by the checksum, so for display. Undefined where
 * there is no such file, or one that says nothing of it, as that of a finished training.
 */
export async function checkpointPlace(path: string): Promise<CheckpointPlace | undefined> {
  const file = await open(path).catch(() => undefined);
  try {
    const length = Buffer.alloc(8);
    await file?.read(length, 0, 8, 0);
    const header = Buffer.alloc(Math.min(Number(length.readBigUInt64LE()), MOST_HEADER_BYTES));
    await file?.read(header, 0, header.length, 8);
    const { position } = headerSchema.parse(JSON.parse(header.toString('utf8'))).__metadata__;
    const { epoch, epochSeconds } = placeSchema.parse(JSON.parse(position));
    return { epochs: epoch, seconds: epochSeconds.slice(0, epoch).reduce((sum, one) => sum + one, 0) };
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}
