import { styleText } from 'node:util';
import { formatTable } from '../terminal/text_table.ts';
import { formatBytes, formatRange } from './diagnosis.ts';
import type { AdapterFact, DoctorReport, Finding, Level, TuningFact } from './facts.ts';

/** How a level looks: its word, and its colour in terminals that show colours. */
const LOOKS = {
  ok: ['ok', 'green'],
  note: ['note', 'cyan'],
  warning: ['warning', 'yellow'],
  error: ['error', 'red'],
} as const satisfies Record<Level, readonly [string, Parameters<typeof styleText>[0]]>;

/** Writes a report for people: what was found, then what is wrong with it and what to do, then the verdict. */
export function renderReport(report: DoctorReport): string {
  const { versions } = report;
  const lines = [
    ...section('Versions', [
      ['wgrad', versions.wgrad],
      ['Node.js', versions.node],
      ['webgpu', versions.webgpu ?? 'not installed'],
      ['system', `${versions.os}, ${versions.arch}`],
      ['machine', `${versions.cpus} processors, ${formatBytes(versions.memoryBytes)} of memory`],
    ]),
    heading('Adapters'),
    ...(report.adapters.length === 0 ? ['  none'] : report.adapters.flatMap(renderAdapter)),
    // What Dawn prints is noise while there is an adapter, and the only clue when there is none.
    ...(report.adapters.length === 0 ? report.dawnLog.map((line) => `  Dawn: ${line}`) : []),
    '',
    ...renderTuning(report.tuning),
    heading('Findings'),
    ...report.findings.flatMap(renderFinding),
    '',
    verdict(report),
  ];
  return `${lines.join('\n')}\n`;
}

function heading(title: string): string {
  return styleText('bold', title);
}

function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
  return [heading(title), ...rows.map(([name, value]) => `  ${name.padEnd(10)}${value}`), ''];
}

function renderAdapter(adapter: AdapterFact): string[] {
  const { limits, subgroupSizes } = adapter;
  const kind = [adapter.backend, adapter.software ? 'software' : 'hardware'].filter(Boolean).join(', ');
  const has = (feature: string) => (adapter.features.includes(feature) ? 'yes' : 'no');
  const subgroups = subgroupSizes ? `yes, of ${formatRange(subgroupSizes)} lanes` : 'no';
  const size = (limit: string) => formatBytes(limits[limit] ?? 0);
  const count = (limit: string) => (limits[limit] ?? 0).toLocaleString('en-US');
  const workgroup = ['X', 'Y', 'Z'].map((axis) => count(`maxComputeWorkgroupSize${axis}`)).join(' × ');
  const rows: [string, string][] = [
    ...indexRow(adapter),
    ['subgroups', subgroups],
    ['shader-f16', has('shader-f16')],
    ['timestamp-query', has('timestamp-query')],
    ['buffer', `${size('maxBufferSize')}, ${size('maxStorageBufferBindingSize')} of it in one binding`],
    ['bindings', `${count('maxStorageBuffersPerShaderStage')} storage buffers to a kernel`],
    [
      'workgroup',
      `${count('maxComputeInvocationsPerWorkgroup')} invocations, ${workgroup} at most, ${size('maxComputeWorkgroupStorageSize')} of memory`,
    ],
    ['dispatch', `${count('maxComputeWorkgroupsPerDimension')} workgroups in each dimension`],
  ];
  return [
    `  ${adapter.description} (${kind})${adapter.chosen ? ': the lab takes this one' : ''}`,
    ...rows.map(([name, value]) => `    ${name.padEnd(17)}${value}`),
  ];
}

/** The index, and what tells equal adapters apart. */
function indexRow({ index, twins, pci }: AdapterFact): [string, string][] {
  if (index === null) return [];
  const among = twins > 1 ? `, one of ${twins} equal ones` : '';
  const told = pci === null ? ', and nothing here tells them apart' : `, at ${pci} on the PCI bus`;
  return [['index', `${index}${among}${twins > 1 ? told : ''}`]];
}

/** Times of the versions that were measured, those of a kind of shapes together, the usual one first. */
function renderTuning(tuning: readonly TuningFact[] | null): string[] {
  if (tuning === null) return [];
  const rows = tuning.flatMap(({ shapes, versions, taken }) =>
    versions.map(({ rung, ms }, i) => [
      ...[i === 0 ? shapes : '', rung, ms.toPrecision(3), (versions[0].ms / ms).toFixed(2)],
      rung === taken ? 'taken' : '',
    ]),
  );
  const table = formatTable(['shapes', 'version', 'ms', 'times as fast as the usual', ''], rows);
  return [heading('Measured'), ...table.split('\n').map((line) => `  ${line}`), ''];
}

function renderFinding({ item, level, message, advice }: Finding): string[] {
  const [word, colour] = LOOKS[level];
  const lines = [`  ${styleText(colour, word.padEnd(9))}${item.padEnd(15)}${message}`];
  if (advice) lines.push(`${' '.repeat(26)}→ ${advice}`);
  return lines;
}

function verdict({ healthy, findings }: DoctorReport): string {
  if (healthy) return styleText('green', 'The lab can run.');
  const errors = findings.filter(({ level }) => level === 'error').length;
  return styleText(
    'red',
    `The lab cannot run: ${errors === 1 ? 'the error above stops' : `the ${errors} errors above stop`} it.`,
  );
}
