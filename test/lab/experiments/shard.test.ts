import { describe, expect, it } from 'vitest';
import { EXPERIMENTS } from '../../../src/lab/experiments/index.ts';
import { shardOfExperiments } from '../../../src/lab/experiments/shard.ts';
import { configure } from '../../../src/lab/run/configuration.ts';

describe('shardOfExperiments', () => {
  const configuration = configure('quick', { data: 'mnist', seed: 42 });

  it.each([1, 2, 3, 4, 9])('of %i parts gives out each experiment once, the summary to none', (of) => {
    const shards = Array.from({ length: of }, (_, i) =>
      shardOfExperiments(EXPERIMENTS, configuration, { index: i + 1, of }),
    );
    const given = shards.flat().map(({ id }) => id);
    expect(given.sort()).toEqual(
      EXPERIMENTS.map(({ id }) => id)
        .filter((id) => id !== 'summary')
        .sort(),
    );
    for (const shard of shards) expect(shard).toEqual(EXPERIMENTS.filter((one) => shard.includes(one)));
  });

  it('gives the longest one a part of its own', () => {
    const shards = [1, 2, 3].map((index) =>
      shardOfExperiments(EXPERIMENTS, configuration, { index, of: 3 }).map(({ id }) => id),
    );
    // PS7 makes the most trainings by far.
    expect(shards.find((ids) => ids.includes('ps7'))).toEqual(['ps7']);
  });

  it('runs the summary where nothing else is asked for', () => {
    const summary = EXPERIMENTS.filter(({ id }) => id === 'summary');
    expect(shardOfExperiments(summary, configuration, { index: 1, of: 1 })).toEqual(summary);
  });
});
