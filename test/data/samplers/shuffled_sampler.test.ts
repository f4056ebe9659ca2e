import { describe, expect, it } from 'vitest';
import { classCounts } from '../../../src/data/class_counts.ts';
import { EPOCH_ORDER_STREAM } from '../../../src/data/random_streams.ts';
import { createSampler, type SamplerName } from '../../../src/data/samplers/index.ts';
import { Philox } from '../../../src/node.ts';

const COUNTS = [500, 200, 60, 7];
const CLASSES = COUNTS.length;
/** Classes mixed, so that a position does not tell its class. */
const labels = Uint8Array.from(
  COUNTS.flatMap((count, label) => Array.from({ length: count }, (_, i) => ({ label, place: (i + 0.5) / count })))
    .sort((a, b) => a.place - b.place)
    .map(({ label }) => label),
);
const make = (name: SamplerName, seed = 42) => createSampler(name, { labels, classes: CLASSES, seed });
/** How often each image is drawn. */
const timesDrawn = (order: Uint32Array) => classCounts(order, labels.length);

describe('no sampler', () => {
  it("takes every image once, shuffled by the epoch's own stream", () => {
    const order = make('none').epochOrder(2);
    expect(timesDrawn(order).every((times) => times === 1)).toBe(true);
    const inOrder = Uint32Array.from(labels.keys());
    expect(order).toEqual(new Philox(42, EPOCH_ORDER_STREAM + 2).shuffle(inOrder));
  });
});
