import { describe, expect, it } from 'vitest';
import { classCounts } from '../../../src/data/class_counts.ts';
import { EPOCH_ORDER_STREAM } from '../../../src/data/random_streams.ts';
import { createSampler, SAMPLER_NAMES, type SamplerName } from '../../../src/data/samplers/index.ts';
import { Philox } from '../../../src/node.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { chiSquare, chiSquareBound } from './chi_square.ts';

const COUNTS = [500, 200, 60, 7];
const CLASSES = COUNTS.length;
/** Classes mixed, so that a position does not tell its class. */
const labels = Uint8Array.from(
  COUNTS.flatMap((count, label) => Array.from({ length: count }, (_, i) => ({ label, place: (i + 0.5) / count })))
    .sort((a, b) => a.place - b.place)
    .map(({ label }) => label),
);
const make = (name: SamplerName, seed = 42) => createSampler(name, { labels, classes: CLASSES, seed });
const countsOf = (order: Uint32Array) =>
  classCounts(
    Uint8Array.from(order, (position) => labels[position]),
    CLASSES,
  );
/** How often each image is drawn. */
const timesDrawn = (order: Uint32Array) => classCounts(order, labels.length);

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

describe('no sampler', () => {
  it("takes every image once, shuffled by the epoch's own stream", () => {
    const order = make('none').epochOrder(2);
    expect(timesDrawn(order).every((times) => times === 1)).toBe(true);
    const inOrder = Uint32Array.from(labels.keys());
    expect(order).toEqual(new Philox(42, EPOCH_ORDER_STREAM + 2).shuffle(inOrder));
  });
});

describe('random oversampling', () => {
  it('fills every class up to the largest, and leaves no image out', () => {
    const order = make('random-oversampling').epochOrder(0);
    expect(countsOf(order)).toEqual([500, 500, 500, 500]);
    const times = timesDrawn(order);
    expect(Math.min(...times)).toBe(1);
    expect(times.filter((_, position) => labels[position] === 0).every((n) => n === 1)).toBe(true);
  });

  it("draws a class's images alike", () => {
    const order = make('random-oversampling').epochOrder(0);
    const minority = timesDrawn(order).filter((_, position) => labels[position] === 3);
    const extra = minority.map((times) => times - 1);
    expect(chiSquare(extra, new Array(7).fill(493 / 7))).toBeLessThan(chiSquareBound(7));
  });
});

describe('random undersampling', () => {
  it("draws each class down to the smallest one's count, no image twice", () => {
    const order = make('random-undersampling').epochOrder(0);
    expect(countsOf(order)).toEqual([7, 7, 7, 7]);
    expect(Math.max(...timesDrawn(order))).toBe(1);
  });

  it('draws from all images of a class in the course of the epochs', () => {
    const sampler = make('random-undersampling');
    const times = new Array<number>(labels.length).fill(0);
    const epochs = 1000;
    for (let epoch = 0; epoch < epochs; epoch++) for (const position of sampler.epochOrder(epoch)) times[position]++;
    // Of class 2, 7 of 60 an epoch. Draws without replacement scatter less than the statistic supposes, by the factor (60 − 7) / 59.
    const drawn = times.filter((_, position) => labels[position] === 2);
    expect(chiSquare(drawn, new Array(60).fill((7 * epochs) / 60))).toBeLessThan(chiSquareBound(60));
    expect(times.filter((_, position) => labels[position] === 3)).toEqual(new Array(7).fill(epochs));
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

describe('createSampler', () => {
  it('refuses a name that is none, and lists the names', () => {
    const create = () => make('smoke' as SamplerName);
    expect(create).toThrow(UserError);
    expect(create).toThrow('There is no sampler "smoke": choose one of none, random-oversampling,');
  });
});
