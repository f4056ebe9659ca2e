import { classMembers } from '../class_counts.ts';
import { CURRICULUM_STREAM, epochGenerator } from '../random_streams.ts';
import type { SampledSet, Sampler } from './sampler.ts';

/** How hard each image is, and when all of them are drawn. */
export interface CurriculumOptions extends SampledSet {
  /** [N]: how hard each image is, by the loss of a teacher. */
  losses: ArrayLike<number>;
  /** Share of each class that the first epoch draws from, above 0, to 1. Default 0.4. */
  start?: number;
  /** Epoch, counted from 0, from which on all images are drawn; until then the share grows in equal steps. */
  full: number;
}

/**
 * Curriculum: the easiest images of each class first, then more and more of them. Each class keeps its share of the draws, as many as there are
 * images in an epoch, so that what is rare does not wait till the end for being hard; each image of the pool is drawn alike often but for one.
 * @throws RangeError for a share out of range, an epoch that is none, or losses that are not one number for each image.
 * Source: Bengio et al., "Curriculum learning", ICML 2009; by a teacher's loss as in Hacohen, Weinshall, "On the power of curriculum learning", ICML 2019.
 */
export function curriculumSampler(options: CurriculumOptions): Sampler {
  const { labels, classes, losses, start = 0.4, full, seed } = options;
  if (!(start > 0 && start <= 1)) {
    throw new RangeError(`Curriculum: the first share must be above 0 and at most 1, not ${start}.`);
  }
  if (!Number.isInteger(full) || full < 0) {
    throw new RangeError(`Curriculum: the epoch of all images must be a whole number from 0, not ${full}.`);
  }
  const known = Array.from(losses).filter((loss) => !Number.isNaN(loss)).length;
  if (known !== labels.length || losses.length !== labels.length) {
    throw new RangeError(`Curriculum: ${labels.length} images need a loss each; there are ${known} of them.`);
  }
  const count = labels.length;
  /** The images of each class, easiest first. */
  const easiest = classMembers(labels, classes).map((positions) =>
    positions.sort((a, b) => losses[a] - losses[b] || a - b),
  );
  return {
    count,
    epochOrder(epoch) {
      const generator = epochGenerator(CURRICULUM_STREAM, seed, epoch);
      /** Of each class, that this epoch draws from. */
      const share = epoch >= full ? 1 : start + ((1 - start) * epoch) / full;
      const order = new Uint32Array(count);
      let drawn = 0;
      for (const positions of easiest) {
        const pool = positions.slice(0, Math.max(1, Math.round(share * positions.length)));
        for (let i = 0; i < positions.length; i++) {
          if (i % pool.length === 0) generator.shuffle(pool);
          order[drawn++] = pool[i % pool.length];
        }
      }
      return generator.shuffle(order);
    },
  };
}
