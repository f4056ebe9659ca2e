import { z } from 'zod';
import type { RecipeField } from '../../train/recipe_fields.ts';

/** What says how a training goes on from weights: the fields, as the recipe's are. */
export const FINE_TUNING_FIELDS = {
  freeze: {
    ...{
      schema: z.array(z.string().min(1)).min(1),
      range: 'names of parameters or layers',
      flags: '--freeze <names...>',
    },
    help: 'parts of the network that do not learn: features, all but the last layer; or names of parameters or layers, in which * stands for any characters',
    usually: 'none',
  },
  headLr: {
    ...{ schema: z.number().min(0), range: 'a number of at least 0', flags: '--head-lr <rate>' },
    ...{ help: 'learning rate of the last layer', usually: 'that of --lr' },
  },
} as const satisfies Record<string, RecipeField>;

/** What a training from weights is known by besides its recipe. */
export const fineTuningSchema = z.strictObject({
  /** SHA-256 of the file of weights. */
  weights: z.string().regex(/^[0-9a-f]{64}$/),
  freeze: FINE_TUNING_FIELDS.freeze.schema.optional(),
  headLr: FINE_TUNING_FIELDS.headLr.schema.optional(),
  /** Of each channel, by which images are normalised; left out, the data set's. */
  mean: z.array(z.number()).optional(),
  std: z.array(z.number().positive()).optional(),
});

/** How a training goes on from weights; see `fineTuningSchema`. */
export type FineTuning = z.infer<typeof fineTuningSchema>;
