import { UserError } from '../runtime/errors.ts';
import type { ImageDataset, ImageSplit } from './image_dataset.ts';

/**
 * A data set with its labels told by other class names, in their order: those that a network knows. Classes of which it has no images may be among
 * them. @throws UserError where one of its own is not.
 */
export function withClasses(dataset: ImageDataset, classNames: readonly string[]): ImageDataset {
  const order = new Map(classNames.map((name, label) => [name, label]));
  const labels = dataset.classNames.map((name) => {
    const label = order.get(name);
    if (label !== undefined) return label;
    throw new UserError(
      `${dataset.name} has the class ${name}, which the network does not know; it knows ${known(classNames)}.`,
    );
  });
  const told = (split: ImageSplit): ImageSplit => ({
    ...split,
    labels: Uint32Array.from(split.labels, (of) => labels[of]),
  });
  const { train, validation, test } = dataset;
  return {
    ...dataset,
    classNames,
    train: told(train),
    ...(validation && { validation: told(validation) }),
    test: told(test),
  };
}

const MOST_NAMES = 5;

function known(names: readonly string[]): string {
  return names.length > MOST_NAMES
    ? `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`
    : names.join(', ');
}
