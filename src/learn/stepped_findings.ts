import type { Access } from './access_log.ts';
import type { Exercise } from './exercise.ts';
import type { Finding } from './finding.ts';
import { meaningOf } from './meanings.ts';
import type { StepperResult } from './stepper.ts';

/** What the stepper found, in sentences. */
export interface SteppedFindings {
  endless?: Finding;
  races: Finding[];
  /** Those of `races` in workgroup memory. */
  shared: ReadonlySet<Finding>;
  /** Reads outside of arrays: a driver gives some element instead, so they are no fault where the value is not used. */
  reads: string[];
  /** Writes outside of arrays. */
  writes: string[];
}

/** A line of the kernel, quoted. */
function quote(wgsl: string, line: number): string {
  return `line ${line} \`${
    wgsl
      .split('\n')
      [line - 1]?.replace(/\s*\/\/.*$/, '')
      .trim() ?? ''
  }\``;
}

const verbs = { read: 'reads', write: 'writes' } as const;

function outside(wgsl: string, { array, element, length, kind, line, invocation, workgroup }: Access): string {
  return `Outside of its array: on a small case invocation ${invocation} of workgroup ${workgroup} ${verbs[kind]} ${array}[${element}], and the last is ${array}[${length - 1}] (${quote(wgsl, line)}).`;
}

/** result: undefined where the kernel could not be stepped. */
export function findRaces(exercise: Exercise, wgsl: string, result: StepperResult | undefined): SteppedFindings {
  if (result === undefined) return { races: [], shared: new Set(), reads: [], writes: [] };
  const races: Finding[] = [];
  const shared = new Set<Finding>();
  for (const { shared: inWorkgroup, first, second } of result.races) {
    const writeFirst = second.kind === 'write' && first.kind === 'read' ? [second, first] : [first, second];
    const [a, b] = writeFirst.map(({ invocation, workgroup, kind, line }) => {
      const who =
        first.workgroup === second.workgroup
          ? `invocation ${invocation}`
          : `invocation ${invocation} of workgroup ${workgroup}`;
      return `${who} ${verbs[kind]} it in ${quote(wgsl, line)}`;
    });
    const cure = inWorkgroup
      ? 'No barrier stands between the two.'
      : 'Nothing puts the two in order: give each invocation places of its own.';
    const text = `A race for ${first.array}[${first.element}]: ${a}; ${b}. ${cure}`;
    const finding: Finding = { kind: 'race', text, details: [], meaning: meaningOf(exercise, 'race') };
    races.push(finding);
    if (inWorkgroup) shared.add(finding);
  }
  if (result.divergesAt !== undefined) {
    const text = `Not all invocations of the workgroup come to the barrier in ${quote(wgsl, result.divergesAt)}.`;
    races.push({ kind: 'race', text, details: [], meaning: meaningOf(exercise, 'divergence') });
  }
  const text = (kind: Access['kind']) =>
    result.outside.filter((access) => access.kind === kind).map((access) => outside(wgsl, access));
  const found = { races, shared, reads: text('read'), writes: text('write') };
  if (result.endlessAt === undefined) return found;
  return {
    ...found,
    endless: {
      kind: 'endless',
      text: `A loop does not end: on a small case an invocation went on and on at ${quote(wgsl, result.endlessAt)}. The kernel was not run on the device.`,
      details: [],
      meaning: meaningOf(exercise, 'endless'),
    },
  };
}
