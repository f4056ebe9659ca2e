import { figuresOf, formatFindings } from '../../inspect/diagnose/describe.ts';
import type { Finding } from '../../inspect/diagnose/diagnose.ts';
import type { TrainingHistory } from '../../inspect/diagnose/training_history.ts';
import { formatTable } from '../terminal/text_table.ts';

/** What was found in a training, or that nothing was, and the figures that were looked at. */
export function diagnosisForPeople(findings: readonly Finding[], history: TrainingHistory): string {
  const rows = figuresOf(history).map(({ name, value, usual }) => [name, value, usual]);
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  const watched = `${history.samples.length} of ${history.steps} steps watched closely`;
  const head = warnings === 0 ? `Nothing is wrong that can be seen (${watched}).` : `What goes wrong (${watched}):`;
  return [
    head,
    ...(findings.length > 0 ? [formatFindings(findings)] : []),
    ...(rows.length > 0 ? ['', formatTable(['figure', 'here', 'usual'], rows)] : []),
  ].join('\n');
}
