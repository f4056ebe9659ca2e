import type { CauseName } from './cause.ts';
import { CAUSES } from './causes/index.ts';
import type { TrainingHistory } from './training_history.ts';

/** Something that goes wrong in a training, with what tells it and what to do. As text: all three, in sentences. */
export class Finding {
  readonly cause: CauseName;
  /** What it is, as the beginning of a sentence. */
  readonly title: string;
  /** A note is something to know of, not a fault. */
  readonly level: 'warning' | 'note';
  /** What was measured. */
  readonly evidence: string;
  readonly remedy: string;
  /** A cause found before this one that explains it: to be mended first. */
  readonly followsFrom?: CauseName;

  constructor({ cause, title, level, evidence, remedy, followsFrom }: Omit<Finding, 'toString'>) {
    this.cause = cause;
    this.title = title;
    this.level = level;
    this.evidence = evidence;
    this.remedy = remedy;
    if (followsFrom !== undefined) this.followsFrom = followsFrom;
  }

  toString(): string {
    return `${this.title}. ${this.evidence} ${this.remedy}`;
  }
}

/**
 * What goes wrong in a training, by what a `TrainingMonitor` saw of it: the first cause first, then what else is seen, each with the cause that it
 * follows from where that was found too, and notes last. Empty where nothing is. Some causes need a few samples before they can be told.
 */
export function diagnose(history: TrainingHistory): Finding[] {
  const found: Finding[] = [];
  const explainedBy = new Map<CauseName, CauseName>();
  for (const { name: cause, title, explains, look } of CAUSES) {
    const seen = look(history);
    if (seen === undefined) continue;
    const { level = 'warning', evidence, remedy } = seen;
    found.push(new Finding({ cause, title, level, evidence, remedy, followsFrom: explainedBy.get(cause) }));
    if (level === 'note') continue;
    for (const one of explains) if (!explainedBy.has(one)) explainedBy.set(one, cause);
  }
  const rank = ({ level, followsFrom }: Finding) => (level === 'note' ? 2 : followsFrom === undefined ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b));
}
