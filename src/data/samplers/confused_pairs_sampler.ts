import { type ConfusionMatrix, rowNormalized } from '../../metrics/confusion.ts';
import { classMembers } from '../class_counts.ts';
import { CONFUSED_PAIRS_STREAM, epochGenerator } from '../random_streams.ts';
import { AliasTable } from './alias_table.ts';
import type { SampledSet, Sampler } from './sampler.ts';

/** What is confused, and how much of the draws goes by it. */
export interface ConfusedPairsOptions extends SampledSet {
  /** [C][C], of samples kept back from training: confusion[true class][predicted class]. */
  confusion: ConfusionMatrix;
  /** Share of the draws that takes confused pairs, 0 to 1; the others take all images alike. Default 0.5. */
  share?: number;
}

/**
 * Error-driven sampling: it draws pairs of classes, the more often the more a model confuses the two. An image of either class then stands beside one
 * of the other in the batch. As many draws as there are images, with replacement.
 * @throws RangeError for a share out of range or a matrix that is not [C][C].
 */
export function confusedPairsSampler(options: ConfusedPairsOptions): Sampler {
  const { labels, classes, confusion, share = 0.5, seed } = options;
  if (!(share >= 0 && share <= 1)) {
    throw new RangeError(`Confused pairs: their share must be from 0 to 1, not ${share}.`);
  }
  if (confusion.length !== classes || confusion.some((row) => row.length !== classes)) {
    throw new RangeError(`Confused pairs: ${classes} classes need a confusion matrix of as many rows and columns.`);
  }
  const count = labels.length;
  const members = classMembers(labels, classes);
  /** Ordered pairs of classes, and how often each is to be drawn; none where nothing is confused. */
  const pairs: [number, number][] = [];
  const rates: number[] = [];
  for (const [truth, row] of rowNormalized(confusion).entries()) {
    for (const [predicted, rate] of row.entries()) {
      const drawable = members[truth].length > 0 && members[predicted].length > 0;
      if (truth === predicted || rate === 0 || !drawable) continue;
      pairs.push([truth, predicted]);
      rates.push(rate);
    }
  }
  const table = rates.length > 0 ? new AliasTable(rates) : undefined;
  return {
    count,
    epochOrder(epoch) {
      const generator = epochGenerator(CONFUSED_PAIRS_STREAM, seed, epoch);
      const order = new Uint32Array(count);
      for (let i = 0; i < count; ) {
        if (table && generator.uniform() < share) {
          for (const c of pairs[table.draw(generator)]) {
            if (i < count) order[i++] = members[c][generator.below(members[c].length)];
          }
        } else {
          for (let draw = 0; draw < 2 && i < count; draw++) order[i++] = generator.below(count);
        }
      }
      return order;
    },
  };
}
