import { UserError } from '../runtime/errors.ts';
import type { ClassLabels } from './image_dataset.ts';

/** How many samples each class has. labels: [N], each below `classes`. */
export function classCounts(labels: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let sample = 0; sample < labels.length; sample++) counts[labels[sample]]++;
  return counts;
}

/** The samples of each class, as ascending positions. labels: [N], each below `classes`. */
export function classMembers(labels: ArrayLike<number>, classes: number): Uint32Array[] {
  const members = classCounts(labels, classes).map((count) => new Uint32Array(count));
  const filled = new Array<number>(classes).fill(0);
  for (let sample = 0; sample < labels.length; sample++) {
    const label = labels[sample];
    members[label][filled[label]++] = sample;
  }
  return members;
}

/** @throws UserError where a label is not below `classes`; `what` names the file, `first` is the position of labels[0] in it. */
export function checkLabelRange(labels: ClassLabels, classes: number, what: string, first = 0): void {
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new UserError(
      `${what} is damaged: record ${first + wrong} has label ${labels[wrong]}, expected 0 to ${classes - 1}; replace the file.`,
    );
  }
}

/** @throws UserError where the classes do not all have `expected` samples. labels: checked by `checkLabelRange`. */
export function checkEvenClasses(
  labels: ArrayLike<number>,
  classNames: readonly string[],
  expected: number,
  what: string,
): void {
  const counts = classCounts(labels, classNames.length);
  const wrong = counts.findIndex((count) => count !== expected);
  if (wrong >= 0) {
    throw new UserError(
      `${what} is mislabelled: ${counts[wrong]} images of class ${wrong} (${classNames[wrong]}), expected ${expected}; replace it.`,
    );
  }
}
