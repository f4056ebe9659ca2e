import type { Configuration } from '../run/configuration.ts';
import type { Experiment } from '../run/experiment.ts';
import { withNames } from '../run/own_parts.ts';
import { plannedKey } from '../run/training_plan.ts';
import type { Shard } from '../sweep/sweep_file.ts';

/**
 * A shard's experiments of these, in their order: the longest are given out first, each to the shard that has least to do, by epochs of training. A
 * shard makes all trainings that its experiments need, so that some may be made by two. What puts the others' results together, the summary, is left
 * for the merging.
 */
export function shardOfExperiments(
  experiments: readonly Experiment[],
  configuration: Configuration,
  { index, of }: Shard,
): Experiment[] {
  const costs = new Map(experiments.map((experiment) => [experiment, costOf(experiment, configuration)]));
  const loads = new Array<number>(of).fill(0);
  const own = new Set<Experiment>();
  const parts = experiments.filter(({ id }) => id !== 'summary' || experiments.length === 1);
  for (const experiment of [...parts].sort((a, b) => costs.get(b)! - costs.get(a)!)) {
    const least = loads.indexOf(Math.min(...loads));
    // Even one without trainings takes its time.
    loads[least] += 1 + costs.get(experiment)!;
    if (least === index - 1) own.add(experiment);
  }
  return experiments.filter((experiment) => own.has(experiment));
}

function costOf(experiment: Experiment, configuration: Configuration): number {
  const epochs = new Map<string, number>();
  for (const { recipe, variant, ownData = true } of experiment.trainings?.(configuration) ?? []) {
    epochs.set(plannedKey(withNames(recipe), variant, ownData), recipe.epochs);
  }
  return [...epochs.values()].reduce((sum, count) => sum + count, 0);
}
