import { describe, expect, it } from 'vitest';
import { holdOut } from '../../src/data/hold_out.ts';

const LABELS = Uint8Array.from([...new Array(50).fill(0), ...new Array(10).fill(1), ...new Array(2).fill(2), 3]);

describe('holdOut', () => {
  it('takes the same share of each class, at least one of two, and leaves a single one to training', () => {
    const { fit, validation } = holdOut(LABELS, { classes: 5, share: 0.2, seed: 42 });
    const counts = (positions: Uint32Array) =>
      [0, 1, 2, 3, 4].map((c) => positions.filter((i) => LABELS[i] === c).length);
    expect(counts(validation)).toEqual([10, 2, 1, 0, 0]);
    expect(counts(fit)).toEqual([40, 8, 1, 1, 0]);
    expect(Uint32Array.from([...fit, ...validation]).sort()).toEqual(Uint32Array.from(LABELS.keys()));
    expect(fit).toEqual(fit.slice().sort());
  });

  it('is drawn by the seed', () => {
    const draw = (seed: number) => holdOut(LABELS, { classes: 4, share: 0.5, seed }).validation;
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('refuses a share of nothing or all', () => {
    for (const share of [0, 1, Number.NaN]) {
      expect(() => holdOut(LABELS, { classes: 4, share, seed: 1 })).toThrow('above 0 and below 1');
    }
  });
});
