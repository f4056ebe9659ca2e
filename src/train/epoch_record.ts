import { z } from 'zod';

const validationRecord = z.object({
  loss: z.number(),
  accuracy: z.number(),
  balancedAccuracy: z.number(),
  macroF1: z.number(),
});

export const epochRecord = z.object({
  epoch: z.number(),
  loss: z.number(),
  accuracy: z.number(),
  /** On images that are not trained on, in evaluation mode. */
  validation: validationRecord.optional(),
});

/** How a network does on the validation images after an epoch: mean cross-entropy, and scores from 0 to 1. */
export type ValidationRecord = z.infer<typeof validationRecord>;

/**
 * What one epoch of training came to: mean loss, and fraction of right predictions, both in training mode; with validation images what they say.
 * Epochs count from 1.
 */
export type EpochRecord = z.infer<typeof epochRecord>;
