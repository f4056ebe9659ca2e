import { type ConfusionMatrix, rowNormalized } from '../../metrics/confusion.ts';

/** Classes in groups, for decisions in two stages. */
export interface ClassGroups {
  names: string[];
  /** The classes of each group, in ascending order; every class is in one. */
  members: number[][];
}

const VEHICLES = ['airplane', 'automobile', 'ship', 'truck'];
const ANIMALS = ['bird', 'cat', 'deer', 'dog', 'frog', 'horse'];

/** Vehicles and animals where the classes are CIFAR-10's; undefined for others, which have no such order. */
export function vehiclesAndAnimals(classNames: readonly string[]): ClassGroups | undefined {
  const positions = (names: readonly string[]) => classNames.flatMap((name, c) => (names.includes(name) ? [c] : []));
  const members = [positions(VEHICLES), positions(ANIMALS)];
  if (members[0].length + members[1].length !== classNames.length) return undefined;
  return members.every((group) => group.length > 0) ? { names: ['vehicles', 'animals'], members } : undefined;
}

/**
 * Two groups of classes that a model confuses among themselves more than with each other: from classes alone, the two groups with the highest mean
 * confusion rate (either way) between their classes are joined until two are left; of equal ones those that come first.
 *
 * confusion: of samples kept back from training. @throws RangeError for fewer than two classes.
 */
export function groupsByConfusion(confusion: ConfusionMatrix, classNames: readonly string[]): ClassGroups {
  if (confusion.length < 2) throw new RangeError(`groupsByConfusion: ${confusion.length} classes make no two groups.`);
  const rates = rowNormalized(confusion);
  const groups = confusion.map((_, c) => [c]);
  const likeness = (a: readonly number[], b: readonly number[]): number => {
    let sum = 0;
    for (const i of a) for (const j of b) sum += rates[i][j] + rates[j][i];
    return sum / (2 * a.length * b.length);
  };
  while (groups.length > 2) {
    let [first, second, most] = [0, 1, -1];
    for (let a = 0; a < groups.length; a++) {
      for (let b = a + 1; b < groups.length; b++) {
        const value = likeness(groups[a], groups[b]);
        if (value > most) [first, second, most] = [a, b, value];
      }
    }
    groups[first] = [...groups[first], ...groups[second]].sort((a, b) => a - b);
    groups.splice(second, 1);
  }
  return { names: groups.map((group) => group.map((c) => classNames[c]).join(', ')), members: groups };
}
