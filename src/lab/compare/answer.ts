import { listed, percent } from '../terminal/text_table.ts';
import type { Compared, Difference } from './comparison.ts';
import type { Dropped } from './rounds.ts';

/** From which corrected p-value on a difference may be luck. */
export const ALPHA = 0.05;

/** What an answer is made from. */
export interface AnswerInput {
  /** The baseline first. */
  compared: readonly Compared[];
  /** The score that decides, and whether larger is better. */
  by: string;
  ascends: boolean;
  dropped: readonly Dropped[];
  classNames: readonly string[];
  /** Test images of each class. */
  testCounts: readonly number[];
}

/** What a comparison comes to. */
export interface Answer {
  /** The remedy that is better than the baseline by most; null where none can be told from it. */
  winner: string | null;
  /** Plain sentences, the most important first. */
  sentences: string[];
}

/** Test images of a class below which its recall says little. */
const FEW_IMAGES = 20;

/** The answer in words, from the numbers alone. */
export function answerOf(input: AnswerInput): Answer {
  const { compared, by, ascends, dropped, testCounts } = input;
  const [baseline, ...remedies] = compared;
  const gain = ({ differences }: Compared) => (ascends ? 1 : -1) * differences![by].value;
  const ranked = [...remedies].sort((a, b) => gain(b) - gain(a));
  const sure = ranked.filter(({ differences }) => differences![by].pHolm < ALPHA);
  const better = sure.filter((one) => gain(one) > 0);
  const worse = sure.filter((one) => gain(one) < 0);
  const images = testCounts.reduce((sum, count) => sum + count, 0);
  const sentences: string[] = [];
  const [best] = better;
  if (best) {
    const { value, low, high, pHolm } = best.differences![by];
    sentences.push(
      `${best.name} helps: its ${by} is ${percent(best.scores[by].value)}, the baseline's ${percent(baseline.scores[by].value)}, a difference of ${points(value)} (95 % interval ${points(low)} to ${points(high)}; p ${pText(pHolm)}, corrected for ${count(remedies.length, 'remedy', 'remedies')}).`,
    );
    const others = better.slice(1).map(({ name }) => name);
    if (others.length > 0) {
      sentences.push(
        `Better than the baseline ${others.length === 1 ? 'is' : 'are'} also ${listed(others)}; which of these is the best was not tested.`,
      );
    }
  } else if (ranked.length > 0) {
    const [first] = ranked;
    const { value, low, high, pHolm } = first.differences![by];
    sentences.push(
      `${remedies.length === 1 ? 'The remedy' : `None of the ${remedies.length} remedies`} could ${remedies.length === 1 ? 'not ' : ''}be told from the baseline by ${by}, which is ${percent(baseline.scores[by].value)} there: the best, ${first.name}, differs by ${points(value)} (95 % interval ${points(low)} to ${points(high)}; p ${pText(pHolm)}).`,
      neededSentence(first.differences![by], gain(first), images),
    );
  }
  if (worse.length > 0)
    sentences.push(
      `Worse than the baseline ${worse.length === 1 ? 'is' : 'are'} ${listed(worse.map(({ name }) => name))}.`,
    );
  if (dropped.length > 0) {
    sentences.push(
      `Given up early under the budget, by balanced accuracy on the validation images, and not compared: ${listed(dropped.map(({ name }) => name))}.`,
    );
  }
  const { seeds } = baseline;
  sentences.push(
    seeds === 1
      ? 'Each was trained with one seed, so the intervals say nothing of the luck of a training; more seeds would (--seeds).'
      : `Each number is a mean over ${seeds} seeds; the intervals hold the choice of the test images and the luck of the trainings.`,
  );
  const small = smallClasses(input);
  if (small !== undefined) sentences.push(small);
  return { winner: best?.name ?? null, sentences };
}

/** What is known of the recalls of classes with few test images; undefined where there are none. */
function smallClasses({ compared: [baseline], classNames, testCounts }: AnswerInput): string | undefined {
  const few = [...testCounts.keys()].filter((c) => testCounts[c] > 0 && testCounts[c] < FEW_IMAGES);
  if (few.length === 0) return undefined;
  const fewest = few.reduce((a, b) => (testCounts[b] < testCounts[a] ? b : a));
  const { value, low, high } = baseline.recalls[fewest];
  const all =
    few.length === 1
      ? ''
      : `${few.length} classes have fewer than ${FEW_IMAGES} test images, so little is known of their recalls: `;
  return `${all}${classNames[fewest]} has ${count(testCounts[fewest], 'test image', 'test images')}, and its recall of ${percent(value)} in the baseline may be anything from ${percent(low)} to ${percent(high)}.`;
}

/** How many more test images would tell a difference from luck. */
function neededSentence({ imagesNeeded }: Difference, gain: number, images: number): string {
  if (gain <= 0) return 'No remedy was better, so more test images are not what is missing.';
  if (imagesNeeded === null) {
    return 'To tell a difference of that size from luck, more test images would not do; more seeds are needed, since trainings differ by as much.';
  }
  const more = Math.max(1, Math.ceil(imagesNeeded * images) - images);
  return `To tell a difference of that size from luck would take about ${more.toLocaleString('en')} more test images (there are ${images.toLocaleString('en')}).`;
}

/** A difference of shares in percentage points: '+3.2 points'. */
export function points(difference: number): string {
  const rounded = (100 * difference).toFixed(1);
  const sign = Number(rounded) > 0 ? '+' : Number(rounded) < 0 ? '−' : '';
  return `${sign}${rounded.replace('-', '')} points`;
}

/** A p-value: '0.031', '< 0.001'. */
export function pText(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
