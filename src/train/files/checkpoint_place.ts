import { open } from 'node:fs/promises';
import { z } from 'zod';

/** Bytes of a header that is read: that of a checkpoint has a line for each tensor, and the history. */
const MOST_HEADER_BYTES = 16_000_000;

const seconds = z.array(z.number().min(0));
const headerSchema = z.object({
  __metadata__: z.object({ position: z.string() }).or(z.object({ record: z.string() })),
});
const placeSchema = z.object({ epoch: z.number().int().min(0), epochSeconds: seconds });
const recordSchema = z.object({ timings: z.object({ epochSeconds: seconds }) });

/** How far a training has come. */
export interface CheckpointPlace {
  /** Epochs that are finished. */
  epochs: number;
  /** Seconds that these took. */
  seconds: number;
}

/**
 * How far the training of a checkpoint had come, from the file's header alone: cheap, and not checked by the checksum, so for display. Undefined where
 * there is no such file, or one that says nothing of it.
 */
export async function checkpointPlace(path: string): Promise<CheckpointPlace | undefined> {
  const file = await open(path).catch(() => undefined);
  try {
    const length = Buffer.alloc(8);
    await file?.read(length, 0, 8, 0);
    const header = Buffer.alloc(Math.min(Number(length.readBigUInt64LE()), MOST_HEADER_BYTES));
    await file?.read(header, 0, header.length, 8);
    const metadata = headerSchema.parse(JSON.parse(header.toString('utf8'))).__metadata__;
    const done = 'record' in metadata ? ofRecord(metadata.record) : ofPosition(metadata.position);
    return { epochs: done.length, seconds: done.reduce((sum, one) => sum + one, 0) };
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}

/** Seconds of each finished epoch, of a training that goes on. */
function ofPosition(position: string): number[] {
  const { epoch, epochSeconds } = placeSchema.parse(JSON.parse(position));
  return epochSeconds.slice(0, epoch);
}

/** The same of a finished one. */
function ofRecord(record: string): number[] {
  return recordSchema.parse(JSON.parse(record)).timings.epochSeconds;
}
