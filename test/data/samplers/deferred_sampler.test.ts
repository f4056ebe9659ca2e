import { expect, it } from 'vitest';
import { deferredSampler } from '../../../src/data/samplers/deferred_sampler.ts';

const constant = (value: number, count = 3) => ({ count, epochOrder: () => new Uint32Array(count).fill(value) });

it('changes from one sampler to the other at its epoch', () => {
  const sampler = deferredSampler(constant(1), constant(2), 2);
  expect([0, 1, 2, 3].map((epoch) => sampler.epochOrder(epoch)[0])).toEqual([1, 1, 2, 2]);
  expect(sampler.count).toBe(3);
});

it('refuses samplers of other lengths', () => {
  expect(() => deferredSampler(constant(1), constant(2, 4), 1)).toThrow(
    'Deferred re-sampling: epochs of 3 and of 4 draws do not go together.',
  );
});
