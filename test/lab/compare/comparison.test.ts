import { describe, expect, it } from 'vitest';
import { answerOf } from '../../../src/lab/compare/answer.ts';
import { compareCandidates, recallOf, SCORES } from '../../../src/lab/compare/comparison.ts';
import type { Outcome } from '../../../src/lab/compare/resampled_scores.ts';
import { Philox } from '../../../src/node.ts';

const SIZES = [120, 60, 8];
const NAMES = ['cat', 'dog', 'owl'];
const targets = SIZES.flatMap((size, c) => new Array<number>(size).fill(c));

/** Right with a probability of each class. */
function outcome(rates: readonly number[], seed: number): Outcome {
  const generator = new Philox(seed);
  const predictions = targets.map((target) => (generator.uniform() < rates[target] ? target : (target + 1) % 3));
  return { predictions, confidence: targets.map(() => 0.8) };
}
const trained = (name: string, rates: readonly number[], seeds: readonly number[]) => ({
  name,
  outcomes: seeds.map((seed) => outcome(rates, seed)),
});
const compare = (...candidates: ReturnType<typeof trained>[]) =>
  compareCandidates(targets, candidates, {
    classes: 3,
    scores: [...SCORES, recallOf('owl', 2)],
    seed: 1,
    replicates: 500,
  });
const answer = (compared: ReturnType<typeof compare>, by = 'balanced accuracy') =>
  answerOf({ compared, by, ascends: true, dropped: [], classNames: NAMES, testCounts: SIZES });

describe('a comparison', () => {
  it('finds no difference between recipes that are all alike', () => {
    const alike = ['baseline', 'one', 'two', 'three'].map((name) => trained(name, [0.8, 0.6, 0.4], [1, 2, 3]));
    const compared = compare(...alike);
    for (const { differences } of compared.slice(1)) {
      for (const { value, p, pHolm } of Object.values(differences!)) expect([value, p, pHolm]).toEqual([0, 1, 1]);
    }
    const { winner, sentences } = answer(compared);
    expect(winner).toBeNull();
    expect(sentences[0]).toContain('None of the 3 remedies could be told from the baseline by balanced accuracy');
  });

  it('names the remedy that is better by most, and those that are worse', () => {
    const compared = compare(
      trained('baseline', [0.8, 0.5, 0.4], [1, 2, 3]),
      trained('better', [0.85, 0.9, 0.5], [4, 5, 6]),
      trained('worse', [0.3, 0.2, 0.3], [7, 8, 9]),
    );
    const { winner, sentences } = answer(compared);
    const { value, low, high, pHolm } = compared[1].differences!['balanced accuracy'];
    expect(winner).toBe('better');
    expect(value).toBeCloseTo(
      compared[1].scores['balanced accuracy'].value - compared[0].scores['balanced accuracy'].value,
      12,
    );
    expect(low).toBeGreaterThan(0);
    expect(pHolm).toBeLessThan(0.05);
    const inPoints = (share: number) => `+${(100 * share).toFixed(1)} points`;
    expect(sentences[0]).toContain(
      `better helps: its balanced accuracy is ${(100 * compared[1].scores['balanced accuracy'].value).toFixed(1)} %`,
    );
    expect(sentences[0]).toContain(
      `a difference of ${inPoints(value)} (95 % interval ${inPoints(low)} to ${inPoints(high)}`,
    );
    expect(sentences).toContainEqual('Worse than the baseline is worse.');
    expect(sentences.at(-1)).toMatch(
      /^owl has 8 test images, and its recall of \d+\.\d % in the baseline may be anything from/,
    );
  });

  it('is surer of a difference with seeds that agree than with seeds that do not', () => {
    const lucky = {
      name: 'lucky',
      outcomes: [outcome([0.95, 0.95, 0.9], 4), outcome([0.5, 0.4, 0.4], 5), outcome([0.9, 0.8, 0.6], 6)],
    };
    const compared = compare(
      trained('baseline', [0.7, 0.5, 0.4], [1, 2, 3]),
      trained('steady', [0.8, 0.7, 0.6], [7, 8, 9]),
      lucky,
    );
    const [, steady, other] = compared.map(({ differences }) => differences?.['balanced accuracy']);
    expect(steady!.error).toBeLessThan(other!.error);
    expect(other!.low).toBeLessThan(0);
  });

  it('says how many more images would tell a difference that is too small', () => {
    const compared = compare(trained('baseline', [0.75, 0.5, 0.4], [1]), trained('little', [0.78, 0.56, 0.45], [2]));
    const { imagesNeeded, value } = compared[1].differences!['balanced accuracy'];
    const { sentences } = answer(compared);
    expect(value).toBeGreaterThan(0);
    const more = Math.ceil(imagesNeeded! * targets.length) - targets.length;
    expect(sentences[1]).toContain(`would take about ${more.toLocaleString('en')} more test images (there are 188)`);
    expect(sentences[2]).toContain('one seed');
  });

  it('says in one sentence of how many classes little is known', () => {
    const compared = compare(trained('baseline', [0.8, 0.5, 0.4], [1]), trained('other', [0.8, 0.5, 0.4], [2]));
    const few = { compared, by: 'balanced accuracy', ascends: true, dropped: [], classNames: NAMES };
    expect(answerOf({ ...few, testCounts: [120, 19, 8] }).sentences.at(-1)).toMatch(
      /^2 classes have fewer than 20 test images, so little is known of their recalls: owl has 8 test images, and its/,
    );
    expect(answerOf({ ...few, testCounts: [120, 60, 20] }).sentences.at(-1)).toContain('one seed');
  });

  it('compares by the recall of one class', () => {
    const compared = compare(trained('baseline', [0.8, 0.6, 0], [1, 2]), trained('all', [0.8, 0.6, 1], [3, 4]));
    const { value, low, high } = compared[1].differences!['recall of owl'];
    // Of eight images all against none: sure that it is better, not that it is perfect.
    expect([value, high]).toEqual([1, 1]);
    expect(low).toBeGreaterThan(0.2);
    expect(low).toBeLessThan(0.9);
    expect(answer(compared, 'recall of owl').winner).toBe('all');
  });
});
