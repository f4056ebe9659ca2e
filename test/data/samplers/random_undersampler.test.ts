import { describe, expect, it } from 'vitest';
import { chiSquare, chiSquareBound } from './chi_square.ts';
import { countsOf, labels, make, timesDrawn } from './long_tail.ts';

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
