import { basename } from 'node:path';
import { z } from 'zod';
import type { GradcheckCase } from '../../inspect/gradcheck/gradcheck_case.ts';
import { UserError } from '../../runtime/errors.ts';
import { importOwn } from './own_module.ts';

const shape = z.array(z.int().min(1));
const positive = z.number().positive();
const callable = z.custom<unknown>((value) => typeof value === 'function', 'expected a function');
const caseSchema = z
  .strictObject({
    name: z.string().min(1).optional(),
    inputs: z
      .array(
        z.union([
          shape,
          z.strictObject({
            ...{ shape, low: z.number().optional(), high: z.number().optional() },
            ...{ gap: positive.optional(), requiresGrad: z.boolean().optional() },
          }),
        ]),
      )
      .min(1),
    names: z.array(z.string()).optional(),
    f: callable.optional(),
    layer: callable.optional(),
    setup: callable.optional(),
    options: z
      .strictObject({
        ...{ step: positive, relative: positive, absolute: positive },
        ...{ elements: z.int().min(1), seed: z.int().min(0) },
      })
      .partial()
      .optional(),
  })
  .refine(({ f, layer }) => (f === undefined) !== (layer === undefined), 'give either f or layer');

/**
 * The cases that a file of the user's exports as its default: one, or an array of them, as `GradcheckCase` describes; a name that is left out is the file's.
 *
 * @throws UserError for a file that cannot be loaded or exports something else, saying where it departs
 */
export async function ownGradchecks(path: string): Promise<GradcheckCase[]> {
  const { default: exported } = await importOwn(path);
  if (exported === undefined) {
    throw new UserError(`${path} has no default export; write 'export default { inputs: [[2, 3]], f: (x) => … };'.`);
  }
  const list = Array.isArray(exported) ? exported : [exported];
  return list.map((one, i) => {
    const { success, error } = caseSchema.safeParse(one);
    if (!success) {
      const [{ path: place, message }] = error.issues;
      const where = [...(Array.isArray(exported) ? [i] : []), ...place].join('.');
      throw new UserError(`${path}: what it exports is no check of gradients${where && `, at ${where}`}: ${message}.`);
    }
    return { ...one, name: one.name ?? `${basename(path)}${list.length > 1 ? ` ${i + 1}` : ''}` } as GradcheckCase;
  });
}
