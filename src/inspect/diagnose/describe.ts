import { median } from '../../runtime/timing.ts';
import type { Finding } from './diagnose.ts';
import {
  alignment,
  deadReLUs,
  firstCrossEntropy,
  gradientEnds,
  gradientNorm,
  guessing,
  lastCrossEntropy,
  share,
  tell,
  updateRatios,
} from './figures.ts';
import type { TrainingHistory } from './training_history.ts';

/** A figure that was looked at: what it is, its value, and what is usual. */
export interface Figure {
  name: string;
  value: string;
  usual: string;
}

/** The figures that `diagnose` goes by, as texts: those that this training has. */
export function figuresOf(history: TrainingHistory): Figure[] {
  const { samples, windows } = history;
  const latest = samples.at(-1);
  if (latest === undefined || windows.length === 0) return [];
  const figures: Figure[] = [];
  const add = (name: string, value: string, usual: string) => figures.push({ name, value, usual });
  const chance = guessing(history);
  const [first, last] = [firstCrossEntropy(history), lastCrossEntropy(history)];
  add('loss, first and last', `${tell(windows[0].loss)}, ${tell(windows[windows.length - 1].loss)}`, 'it falls');
  if (first !== undefined)
    add('cross-entropy of the first step', tell(first), `about ${tell(chance)}, that of guessing`);
  if (last !== undefined) add('cross-entropy of the last steps', tell(last), `below ${tell(chance)}`);
  const { errors, batches } = alignment(history);
  if (batches > 1) add('labels told from new images', `${tell(errors)} standard errors`, 'above 3 after 1000 images');
  const ratios = samples.map((sample) => median(updateRatios(sample))).filter(Number.isFinite);
  if (ratios.length > 0) {
    add(
      'update ÷ weight, median layer',
      `${tell(Math.min(...ratios))} to ${tell(Math.max(...ratios))}`,
      '0.001 to 0.03',
    );
  }
  add(
    'norm of all gradients, first and last',
    `${tell(gradientNorm(samples[0]))}, ${tell(gradientNorm(latest))}`,
    '0.1 to 500, by the network',
  );
  const ends = gradientEnds(latest);
  if (ends) add('gradient at the first ÷ last layer', tell(ends.ratio), 'above 0.001');
  const dead = deadReLUs(latest);
  if (dead) add('dead channels, worst ReLU layer', share(dead.worst.deadChannels), 'below 50 %');
  if (latest.input)
    add('input, mean and deviation', `${tell(latest.input.mean)}, ${tell(latest.input.deviation)}`, '0, 1');
  return figures;
}

/** Findings as numbered lines, the first cause first. */
export function formatFindings(findings: readonly Finding[]): string {
  const titles = new Map(findings.map(({ cause, title }) => [cause, title]));
  return findings
    .map(({ title, level, evidence, remedy, followsFrom }, i) => {
      const from = followsFrom === undefined ? '' : ` (follows from: ${titles.get(followsFrom)})`;
      const note = level === 'note' ? 'Note: ' : '';
      return `${i + 1}. ${note}${title}${from}.\n   ${evidence}\n   What to do: ${remedy}`;
    })
    .join('\n');
}
