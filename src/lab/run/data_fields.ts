import { z } from 'zod';
import type { RecipeField } from '../../train/recipe_fields.ts';

const whole = z.number().int().min(1);

/** What of a data set is trained and tested on: the fields, as the recipe's are. */
export const DATA_FIELDS = {
  imbalance: {
    ...{ schema: z.number().min(1), range: 'a number of at least 1', flags: '--imbalance <ratio>' },
    ...{ help: 'imbalance ratio: training images of the largest class over those of the smallest', usual: () => 1 },
  },
  maxPerClass: {
    ...{ schema: whole, range: 'a whole number of at least 1', flags: '--max-per-class <n>' },
    ...{ help: 'training images of the largest class', usually: 'all' },
  },
  testPerClass: {
    ...{ schema: whole, range: 'a whole number of at least 1', flags: '--test-per-class <n>' },
    ...{ help: 'test images of each class', usually: 'all' },
  },
} as const satisfies Record<string, RecipeField>;
