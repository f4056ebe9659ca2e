import type { ClassGroups } from './class_groups.ts';

/** What two stages predict. */
export interface TwoStages {
  /** [N, C], of the model that tells the groups apart: a group's probability is the sum over its classes. */
  first: Float32Array;
  /** [N, C] for each group, of the model that tells its classes apart; what it gives to other classes does not count. */
  experts: readonly Float32Array[];
  groups: ClassGroups;
}

/**
 * Probabilities by two stages: first the group, then the class within it, p(class) = p(group) · p(class | group), [N, C]. Where an expert gives its
 * own classes nothing, they share alike.
 * @throws RangeError where there is not one expert for each group, or sizes differ.
 */
export function twoStageProbabilities({ first, experts, groups }: TwoStages): Float32Array {
  const { members } = groups;
  const classes = members.reduce((sum, group) => sum + group.length, 0);
  if (experts.length !== members.length) {
    throw new RangeError(`twoStageProbabilities: ${experts.length} experts for ${members.length} groups.`);
  }
  const other = experts.find((expert) => expert.length !== first.length);
  if (other || first.length % classes !== 0) {
    throw new RangeError(
      `twoStageProbabilities: ${first.length} and ${(other ?? first).length} probabilities; expected as many rows of ${classes} of each.`,
    );
  }
  const probabilities = new Float32Array(first.length);
  for (let row = 0; row < first.length; row += classes) {
    members.forEach((group, g) => {
      const total = (p: Float32Array): number => group.reduce((sum, c) => sum + p[row + c], 0);
      const [ofGroup, ofExpert] = [total(first), total(experts[g])];
      for (const c of group) {
        const within = ofExpert > 0 ? experts[g][row + c] / ofExpert : 1 / group.length;
        probabilities[row + c] = ofGroup * within;
      }
    });
  }
  return probabilities;
}
