import { describe, expect, it } from 'vitest';
import { createSampler, SAMPLER_NAMES, type SamplerName } from '../../../src/data/samplers/index.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { chiSquare, chiSquareBound } from './chi_square.ts';
import { CLASSES, COUNTS, countsOf, labels, make, timesDrawn } from './long_tail.ts';

describe.each(SAMPLER_NAMES)('sampler %s', (name) => {
  it('draws as many positions as it says, all of them in the set', () => {
    const sampler = make(name);
    const order = sampler.epochOrder(0);
    expect(order).toBeInstanceOf(Uint32Array);
    expect(order.length).toBe(sampler.count);
    expect(Math.max(...order)).toBeLessThan(labels.length);
  });

  it('is a pure function of seed and epoch', () => {
    const alone = make(name).epochOrder(3);
    const after = make(name);
    for (let epoch = 0; epoch < 3; epoch++) after.epochOrder(epoch);
    expect(after.epochOrder(3)).toEqual(alone);
    after.epochOrder(3).fill(0);
    expect(after.epochOrder(3)).toEqual(alone);
    expect(make(name).epochOrder(4)).not.toEqual(alone);
    expect(make(name, 43).epochOrder(3)).not.toEqual(alone);
  });

  it('mixes the classes: no tenth of an epoch lacks the largest, nor consists of it alone', () => {
    const order = make(name).epochOrder(1);
    const tenth = Math.ceil(order.length / 10);
    for (let first = 0; first < order.length - tenth; first += tenth) {
      const counts = countsOf(order.subarray(first, first + tenth));
      if (name !== 'random-undersampling') expect(counts[0]).toBeGreaterThan(0);
      expect(counts[0]).toBeLessThan(tenth);
    }
  });

  it('refuses an epoch that has no stream, and labels that are no class', () => {
    expect(() => make(name).epochOrder(65_536)).toThrow('An epoch must be a whole number from 0 to 65535, not 65536.');
    expect(() => make(name).epochOrder(-1)).toThrow(RangeError);
    expect(() => createSampler(name, { labels: Uint8Array.of(0, 2), classes: 2, seed: 0 })).toThrow(
      'A sampler for 2 classes was given label 2 for image 1.',
    );
    expect(() => createSampler(name, { labels: new Uint8Array(0), classes: 2, seed: 0 })).toThrow('at least one image');
  });

  it('goes on where a class has no images', () => {
    const order = createSampler(name, { labels: Uint8Array.of(0, 0, 2, 2, 2), classes: 4, seed: 1 }).epochOrder(0);
    expect(order.length).toBe({ 'random-oversampling': 6, 'random-undersampling': 4 }[name as string] ?? 5);
  });
});

describe('balanced sampling', () => {
  it('draws the classes alike, and the images of a class alike', () => {
    const sampler = make('balanced');
    expect(sampler.count).toBe(labels.length);
    const epochs = 20;
    const orders = Uint32Array.from(
      Array.from({ length: epochs }, (_, epoch) => [...sampler.epochOrder(epoch)]).flat(),
    );
    const perClass = (epochs * labels.length) / CLASSES;
    expect(chiSquare(countsOf(orders), new Array(CLASSES).fill(perClass))).toBeLessThan(chiSquareBound(CLASSES));
    const expected = Array.from(labels, (label) => perClass / COUNTS[label]);
    expect(chiSquare(timesDrawn(orders), expected)).toBeLessThan(chiSquareBound(labels.length));
  });
});

describe('square-root sampling', () => {
  it('draws classes by the square roots of their sizes', () => {
    const sampler = make('square-root');
    const orders = Uint32Array.from(Array.from({ length: 20 }, (_, epoch) => [...sampler.epochOrder(epoch)]).flat());
    const roots = COUNTS.map(Math.sqrt);
    const sum = roots.reduce((a, b) => a + b);
    const expected = roots.map((root) => (orders.length * root) / sum);
    expect(chiSquare(countsOf(orders), expected)).toBeLessThan(chiSquareBound(CLASSES));
  });
});

describe('progressively balanced sampling', () => {
  it('draws at first by size, at last alike, and between the two in between', () => {
    const epochs = 4;
    const of = (seed: number) => createSampler('progressively-balanced', { labels, classes: CLASSES, seed, epochs });
    const total = labels.length;
    for (const epoch of [0, 1, 2, 3, 4]) {
      const seeds = Array.from({ length: 20 }, (_, seed) => [...of(seed).epochOrder(epoch)]);
      const orders = Uint32Array.from(seeds.flat());
      const t = epoch / epochs;
      const expected = COUNTS.map((n) => orders.length * ((1 - t) * (n / total) + t / CLASSES));
      expect(chiSquare(countsOf(orders), expected)).toBeLessThan(chiSquareBound(CLASSES));
    }
  });
});

describe('createSampler', () => {
  it('refuses a name that is none, and lists the names', () => {
    const create = () => make('smoke' as SamplerName);
    expect(create).toThrow(UserError);
    expect(create).toThrow('There is no sampler "smoke": choose one of none, random-oversampling,');
  });
});
