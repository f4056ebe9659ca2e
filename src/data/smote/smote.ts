import { Philox } from '../../runtime/philox.ts';
import { classMembers } from '../class_counts.ts';
import type { ImageBytes, ImageSplit } from '../image_dataset.ts';
import { SMOTE_STREAM } from '../random_streams.ts';
import { coarseToFine } from './coarse_to_fine.ts';
import { nearestNeighbours } from './nearest_neighbours.ts';
import { type SmoteDraws, synthesize } from './synthesize.ts';

/** Settings of SMOTE. */
export interface SmoteOptions {
  classes: number;
  /** Neighbours of a sample towards which synthetic ones may lie; fewer in a class of fewer. Default 5. */
  k?: number;
  seed: number;
}

/** Samples of one class: synthetic ones to fill it up with. */
interface Filling {
  label: number;
  /** Of the class's own samples, [n, dimensions]. */
  values: Float32Array;
  draws: SmoteDraws;
}

/**
 * Synthetic samples that fill every class up to the count of the largest one. Each lies on the line from a sample, drawn with replacement, to one of
 * its k nearest neighbours in the same class. A class of one sample is filled with its like; a class of none stays empty. The same samples, options
 * and seed give the same result.
 *
 * features: [N, dimensions]; labels: [N], each below `classes`. Returns the synthetic samples alone, class by class.
 * Source: Chawla et al., "SMOTE: Synthetic Minority Over-sampling Technique", JAIR 16, 2002; draws as imbalanced-learn makes them.
 * Throws RangeError for k that is not a whole number from 1.
 */
export function smoteFeatures(
  features: Float32Array,
  labels: ArrayLike<number>,
  dimensions: number,
  options: SmoteOptions,
): { features: Float32Array; labels: Uint32Array } {
  const fillings = plan(
    labels,
    options,
    (positions) => rows(features, positions, dimensions),
    (values) => values,
    dimensions,
  );
  const count = fillings.reduce((sum, { draws }) => sum + draws.base.length, 0);
  const synthetic = new Float32Array(count * dimensions);
  return { features: synthetic, labels: fill(fillings, dimensions, synthetic) };
}

/**
 * A split extended by synthetic images, so that every class has as many as the largest: the images given, then the new ones class by class,
 * their pixels rounded to bytes. As `smoteFeatures` on the pixels. Takes seconds for thousands of images.
 */
export function smoteImages(
  split: ImageSplit,
  { height, width, channels }: { height: number; width: number; channels: number },
  options: SmoteOptions,
): ImageSplit {
  const dimensions = height * width * channels;
  const fillings = plan(
    split.labels,
    options,
    (positions) => rows(split.images, positions, dimensions),
    (values) => coarseToFine(values, { height, width, channels }),
    dimensions,
  );
  const count = split.labels.length + fillings.reduce((sum, { draws }) => sum + draws.base.length, 0);
  const images = new Uint8Array(count * dimensions);
  images.set(split.images.subarray(0, split.images.length));
  const synthetic = fill(fillings, dimensions, images.subarray(split.images.length));
  const labels = new Uint32Array(count);
  labels.set(split.labels);
  labels.set(synthetic, split.labels.length);
  return { images, labels };
}

/** Draws for each class that is to be filled. take: its samples; ordered: the same in a basis in which neighbours are found quickly. */
function plan(
  labels: ArrayLike<number>,
  { classes, k = 5, seed }: SmoteOptions,
  take: (positions: Uint32Array) => Float32Array,
  ordered: (values: Float32Array) => Float32Array,
  dimensions: number,
): Filling[] {
  if (!Number.isInteger(k) || k < 1)
    throw new RangeError(`SMOTE: the number of neighbours must be a whole number from 1, not ${k}.`);
  const members = classMembers(labels, classes);
  const largest = Math.max(...members.map((positions) => positions.length));
  const fillings: Filling[] = [];
  for (const [label, positions] of members.entries()) {
    const missing = largest - positions.length;
    if (positions.length === 0 || missing === 0) continue;
    const values = take(positions);
    const generator = new Philox(seed, SMOTE_STREAM + label);
    const draws = draw(ordered(values), dimensions, { missing, k, generator });
    fillings.push({ label, values, draws });
  }
  return fillings;
}

/** Bases, neighbours and steps of `missing` synthetic samples of one class. */
function draw(
  values: Float32Array,
  dimensions: number,
  { missing, k, generator }: { missing: number; k: number; generator: Philox },
): SmoteDraws {
  const count = values.length / dimensions;
  const base = Uint32Array.from({ length: missing }, () => generator.below(count));
  const most = Math.min(k, count - 1);
  const rank = Uint32Array.from({ length: missing }, () => (most === 0 ? 0 : generator.below(most)));
  const step = Float64Array.from({ length: missing }, () => generator.uniform());
  if (most === 0) return { base, neighbour: base, step };
  // Only of those samples that are a base.
  const queries = Uint32Array.from(new Set(base)).sort();
  const neighbours = nearestNeighbours(values, dimensions, { k: most, queries });
  const rowOf = new Map(Array.from(queries, (position, row) => [position, row]));
  const neighbour = base.map((position, i) => neighbours[rowOf.get(position)! * most + rank[i]]);
  return { base, neighbour, step };
}

/** Writes the synthetic samples of all classes one after another and returns their labels. */
function fill(fillings: readonly Filling[], dimensions: number, into: Float32Array | Uint8Array): Uint32Array {
  const labels: number[] = [];
  for (const { label, values, draws } of fillings) {
    const first = labels.length * dimensions;
    synthesize(values, dimensions, draws, into.subarray(first, first + draws.base.length * dimensions));
    for (let i = 0; i < draws.base.length; i++) labels.push(label);
  }
  return Uint32Array.from(labels);
}

/** The rows at these positions, [n, dimensions]. */
function rows(values: Float32Array | ImageBytes, positions: Uint32Array, dimensions: number): Float32Array {
  const taken = new Float32Array(positions.length * dimensions);
  positions.forEach((position, i) => {
    taken.set(values.subarray(position * dimensions, (position + 1) * dimensions), i * dimensions);
  });
  return taken;
}
