import { describe, expect, it } from 'vitest';
import { type Condition, fidelityPage, holm, meanLosses, samplesOf } from '../../../bench/fidelity/fidelity_page.ts';

const scores = (accuracy: number) => ({
  losses: [2, 1 + accuracy],
  trainingAccuracy: [0.1, accuracy],
  accuracy,
  recall: { largest: 0.9, middle: accuracy, smallest: null },
});
const CONDITIONS: Condition[] = ['a', 'b'].map((title, i) => ({
  ...{ title, study: 'study' },
  seeds: [0.1, 0.2, 0.6].map((own) => ({ wgrad: scores(own), torch: scores(own + 0.1 * i) })),
}));

describe('holm', () => {
  it('multiplies each p by the number of those that are not smaller, and keeps their order', () => {
    // By hand: 4 · 0.01; 3 · 0.02; 2 · 0.03 again 0.06; 0.8.
    expect(holm([0.03, 0.01, 0.8, 0.02])).toEqual([0.06, 0.04, 0.8, 0.06]);
    // 3 · 0.03 = 0.09 is above 2 · 0.04 and 0.05.
    expect(holm([0.04, 0.03, 0.05])).toEqual([0.09, 0.09, 0.09]);
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
  });
});

describe('fidelityPage', () => {
  it('asks for the samples of each score in each training, and of all together', () => {
    const samples = samplesOf(CONDITIONS);
    expect(samples['a: test accuracy']).toEqual([
      [
        [0.1, 0.2, 0.6],
        [0.1, 0.2, 0.6],
      ],
    ]);
    expect(samples['all: test accuracy']).toHaveLength(2);
    expect(meanLosses(CONDITIONS[1], 'torch').accuracy[1]).toBeCloseTo(0.4, 12);
  });

  it('tells mean, deviation, difference and p of each, and the smallest p after correction', () => {
    const tests = Object.fromEntries(
      Object.keys(samplesOf(CONDITIONS)).map((name) => [
        name,
        [-0.1, name === 'b: test accuracy' ? 0.004 : 0.5] as const,
      ]),
    );
    const page = fidelityPage({
      conditions: CONDITIONS,
      tests,
      date: '2026-01-02',
      done: 6,
      planned: 21,
      torch: '1.13',
    });
    // 0.1, 0.2, 0.6: mean 0.3, deviation √(0.14 / 2).
    expect(page).toContain('| b | 3 | test accuracy (%) | 30.0 ± 26.5 | 40.0 ± 26.5 | -10.0 | 0.0040 |');
    expect(page).toContain('6 of 21 pairs of trainings (2026-01-02).');
    expect(page).toContain('Of 10 tests some come out small by chance.');
    expect(page).toContain('the smallest p, of b: test accuracy, is then 0.04.');
    expect(page).toContain('| 1 | 2.000 ± 0.000 / 2.000 ± 0.000 | 2.000 ± 0.000 / 2.000 ± 0.000 |');
  });

  it('has no deviation and no test of one seed', () => {
    const [{ seeds, ...condition }] = CONDITIONS;
    const one = [{ ...condition, seeds: seeds.slice(0, 1) }];
    expect(samplesOf(one)).toEqual({});
    const page = fidelityPage({ conditions: one, tests: {}, date: '2026-01-02', done: 1, planned: 21, torch: '1.13' });
    expect(page).toContain('| a | 1 | test accuracy (%) | 10.0 | 10.0 | 0.0 | – |');
    expect(page).toContain('No training has two seeds yet');
    expect(page).toContain('| 1 | 2.000 / 2.000 |');
    // Beside one of several seeds it stands without a test of its own.
    expect(samplesOf([...one, CONDITIONS[1]])['all: test accuracy']).toHaveLength(1);
  });
});
