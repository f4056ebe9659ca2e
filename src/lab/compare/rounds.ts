/** What a finished training came to, for the choice of which go on. */
export interface Finished {
  seconds: number;
  /** Balanced accuracy on the validation images, of the weights that were kept. */
  validation: number;
}

/** A remedy that was given up under a budget, after how many seeds, and what it had reached on validation images. */
export interface Dropped {
  name: string;
  seeds: number;
  validation: number;
}

/** What is to be done next in a comparison. */
export interface Rounds {
  /** Trainings to make, by name and place of the seed: the rest of a round, in which each recipe that is left is trained with one more seed. */
  next: { name: string; seed: number }[];
  dropped: Dropped[];
  /** Seeds with which those that were not dropped are trained. */
  seeds: number;
}

/**
 * Which trainings come next. Without a budget all are made, a seed at a time. With one, a round is made only if it fits, and where not all that is left fits, the better
 * half of the remedies by validation images goes on (successive halving; the baseline always does). It is a function of what is finished alone, so a comparison that was
 * stopped goes on as it would have.
 *
 * names: the baseline first. finished: of a name, by the place of the seed. budget: seconds, or null.
 * Source: Karnin, Koren, Somekh, "Almost optimal exploration in multi-armed bandits", ICML 2013 (sequential halving).
 */
export function planRounds(
  names: readonly string[],
  { seeds, budget }: { seeds: number; budget: number | null },
  finished: (name: string, seed: number) => Finished | undefined,
): Rounds {
  const [baseline, ...remedies] = names;
  let left = remedies;
  const dropped: Dropped[] = [];
  let spent = 0;
  let trainings = 0;
  for (let round = 0; round < seeds; round++) {
    if (round > 0 && budget !== null) {
      const each = spent / trainings;
      const costOf = (count: number, rounds: number) => each * (count + 1) * rounds;
      const rest = budget - spent;
      if (costOf(left.length, seeds - round) > rest && left.length > 1) {
        const means = new Map(left.map((name) => [name, meanValidation(name, round, finished)]));
        const ranked = [...left].sort((a, b) => means.get(b)! - means.get(a)! || names.indexOf(a) - names.indexOf(b));
        const kept = new Set(ranked.slice(0, Math.ceil(ranked.length / 2)));
        for (const name of left)
          if (!kept.has(name)) dropped.push({ name, seeds: round, validation: means.get(name)! });
        left = left.filter((name) => kept.has(name));
      }
      if (costOf(left.length, 1) > rest) return { next: [], dropped, seeds: round };
    }
    const next: Rounds['next'] = [];
    for (const name of [baseline, ...left]) {
      const one = finished(name, round);
      if (one === undefined) next.push({ name, seed: round });
      else {
        spent += one.seconds;
        trainings++;
      }
    }
    if (next.length > 0) return { next, dropped, seeds };
  }
  return { next: [], dropped, seeds };
}

function meanValidation(
  name: string,
  rounds: number,
  finished: (name: string, seed: number) => Finished | undefined,
): number {
  let sum = 0;
  for (let round = 0; round < rounds; round++) sum += finished(name, round)?.validation ?? 0;
  return sum / rounds;
}
