import { describe, expect, it } from 'vitest';
import { EPOCH_ORDER_STREAM } from '../../../src/data/random_streams.ts';
import { Philox } from '../../../src/node.ts';
import { labels, make, timesDrawn } from './long_tail.ts';

describe('no sampler', () => {
  it("takes every image once, shuffled by the epoch's own stream", () => {
    const order = make('none').epochOrder(2);
    expect(timesDrawn(order).every((times) => times === 1)).toBe(true);
    const inOrder = Uint32Array.from(labels.keys());
    expect(order).toEqual(new Philox(42, EPOCH_ORDER_STREAM + 2).shuffle(inOrder));
  });
});
