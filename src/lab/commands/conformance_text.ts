import type { CheckVerdict, ConformanceReport } from '../../inspect/conformance/conformance.ts';
import { avoidedText, ERROR_UNITS, failedText } from '../../inspect/conformance/describe.ts';
import type { KernelVerdict } from '../../inspect/conformance/verdicts.ts';
import type { AdapterDescription } from '../../runtime/adapter.ts';
import { formatDuration } from '../terminal/progress.ts';
import { formatTable } from '../terminal/text_table.ts';

/** An adapter's name as a part of a file's. */
export function adapterFile({ description, device, vendor }: AdapterDescription): string {
  const name = description || device || vendor || 'adapter';
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
}

const figure = (error: number | null) => (error === null ? '' : error.toFixed(2));

function kernelTable(kernels: readonly KernelVerdict[]): string {
  const rows = kernels.map(({ shader, results, error, passed, wrong }) => [
    ...[shader, results, error.toFixed(2), passed ? 'right' : `WRONG in ${wrong}`],
  ]);
  return formatTable(['kernel', 'results', 'error', ''], rows);
}

function checkTable(title: string, checks: readonly CheckVerdict[]): string {
  // What a driver says may have lines of its own; the report has them all.
  const rows = checks.map(({ name, error, detail, passed }) => [
    ...[name, figure(error), passed ? 'right' : 'WRONG', detail.split('\n')[0]],
  ]);
  return formatTable([title, 'error', '', ''], rows);
}

/** A report for people. */
export function describeConformance(report: ConformanceReport): string {
  const { adapter, quick, rungs, results, seconds, kernels, gradients, steps, limits, passed } = report;
  const wrongGradients = gradients.filter((one) => !one.passed);
  const farthest = Math.max(0, ...gradients.map(({ error }) => error ?? 0));
  const wrong = kernels.filter((one) => !one.passed);
  const notUsed = avoidedText(report.faults);
  return [
    kernelTable(kernels),
    ERROR_UNITS,
    '',
    ...(wrongGradients.length > 0
      ? [checkTable('gradient', wrongGradients)]
      : [
          `Gradients: ${gradients.length} of ${gradients.length} right, the farthest at ${farthest.toFixed(2)} of what is allowed.`,
        ]),
    '',
    checkTable('training step', steps),
    checkTable('limit', limits),
    ...(wrong.length > 0 ? ['', 'The smallest case of each kernel that is wrong:'] : []),
    ...wrong.map(({ shader, smallest }) => `  ${shader}: ${smallest ? failedText(smallest) : ''}`),
    ...(notUsed.length > 0 ? ['', 'Not used from now on:', ...notUsed.map((line) => `  ${line}`)] : []),
    '',
    `${adapter.description || adapter.device}: ${results} results of ${kernels.length} kernels (rungs: ${rungs.join(', ')}) in ${formatDuration(seconds)}${quick ? ', a quick look' : ''}.`,
    passed ? 'It computes rightly.' : 'It does NOT compute rightly.',
  ].join('\n');
}
