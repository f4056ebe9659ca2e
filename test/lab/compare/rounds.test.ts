import { describe, expect, it } from 'vitest';
import { type Finished, planRounds } from '../../../src/lab/compare/rounds.ts';

const NAMES = ['baseline', 'a', 'b', 'c', 'd'];
const VALIDATION: Record<string, number> = { baseline: 0.9, a: 0.2, b: 0.5, c: 0.4, d: 0.3 };

/** Plays a comparison to its end; each training takes ten seconds. */
function play(budget: number | null, seeds = 3) {
  const done = new Map<string, Finished>();
  const order: string[] = [];
  for (;;) {
    const rounds = planRounds(NAMES, { seeds, budget }, (name, seed) => done.get(`${name} ${seed}`));
    if (rounds.next.length === 0) return { ...rounds, order };
    const [{ name, seed }] = rounds.next;
    done.set(`${name} ${seed}`, { seconds: 10, validation: VALIDATION[name] });
    order.push(`${name} ${seed}`);
  }
}

describe('planRounds', () => {
  it('makes all trainings without a budget, a seed at a time, the baseline first', () => {
    const { order, dropped, seeds } = play(null);
    expect(order).toEqual([0, 1, 2].flatMap((seed) => NAMES.map((name) => `${name} ${seed}`)));
    expect([dropped, seeds]).toEqual([[], 3]);
  });

  it('does the same within a budget that is large enough', () => {
    expect(play(150).order).toEqual(play(null).order);
  });

  it('gives up the worse half by validation images where not all fits', () => {
    const { order, dropped, seeds } = play(120);
    expect(dropped).toEqual([
      { name: 'a', seeds: 1, validation: 0.2 },
      { name: 'd', seeds: 1, validation: 0.3 },
    ]);
    expect(order.slice(5)).toEqual(['baseline 1', 'b 1', 'c 1', 'baseline 2', 'b 2', 'c 2']);
    expect(seeds).toBe(3);
  });

  it('halves again, and makes no round that does not fit', () => {
    const { order, dropped, seeds } = play(100);
    expect(order.slice(5)).toEqual(['baseline 1', 'b 1', 'c 1', 'baseline 2', 'b 2']);
    expect(dropped.map(({ name, seeds: of }) => [name, of])).toEqual([
      ['a', 1],
      ['d', 1],
      ['c', 2],
    ]);
    expect(seeds).toBe(3);
    expect(play(60)).toMatchObject({ seeds: 1 });
    expect(play(60).order).toHaveLength(5);
  });
});
