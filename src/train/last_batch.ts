import { BatchNorm2d } from '../nn/layers/batch_norm2d.ts';
import type { Module } from '../nn/module.ts';
import { UserError } from '../runtime/errors.ts';

/** How an epoch's images are cut into batches. */
export interface EpochCut {
  /** Draws of an epoch. */
  count: number;
  batchSize: number;
  /** Leave out the last batch where it is smaller than the others. */
  dropLast: boolean;
}

/** Batches of an epoch. */
export function stepsPerEpoch({ count, batchSize, dropLast }: EpochCut): number {
  return dropLast ? Math.floor(count / batchSize) : Math.ceil(count / batchSize);
}

/**
 * The name of a batch norm that would see one number per channel of a batch of one image, whose variance is none: it refuses such a batch in training.
 * imageShape: [H, W, C].
 */
function normOfOneNumber(model: Module, imageShape: readonly number[]): string | undefined {
  let found: string | undefined;
  const removers = model.namedModules().flatMap(([name, module]) =>
    module instanceof BatchNorm2d && module.training
      ? [
          module.registerShapeHook((_module, [n, h, w]) => {
            if (n * h * w === 1) found ??= name;
          }),
        ]
      : [],
  );
  try {
    model.inferShape([1, ...imageShape]);
  } finally {
    for (const remove of removers) remove();
  }
  return found;
}

/**
 * Whether the last batch of an epoch is left out, and a sentence for the user where that was decided for them: a last batch of one image that a batch
 * norm of the model, in the mode it is in, cannot learn from. imageShape: [H, W, C].
 *
 * @throws UserError where no batch would be left.
 */
export function cutEpoch(
  model: Module,
  imageShape: readonly number[],
  { count, batchSize, dropLast }: EpochCut,
): EpochCut & { notice?: string } {
  const cut = { count, batchSize, dropLast };
  const single = !dropLast && (count % batchSize === 1 || (batchSize === 1 && count > 0));
  const norm = single ? normOfOneNumber(model, imageShape) : undefined;
  if (norm !== undefined) {
    cut.dropLast = true;
    if (batchSize === 1 || count === 1) {
      throw new UserError(
        `The batch norm ${norm} sees one number per channel of an image, so it cannot learn from a batch of one image; ${count === 1 ? 'add images' : 'choose a batch size of 2 or more'}.`,
      );
    }
  }
  if (stepsPerEpoch(cut) < 1 && count > 0) {
    throw new UserError(
      `An epoch of ${count} images holds no whole batch of ${batchSize}, and smaller ones are left out; choose a batch size of at most ${count}.`,
    );
  }
  if (norm === undefined) return cut;
  const notice = `The last batch of each epoch would be one image (${count} in batches of ${batchSize}), from which the batch norm ${norm} cannot learn; it is left out.`;
  return { ...cut, notice };
}
