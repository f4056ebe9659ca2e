import type { CheckResult } from './check.ts';
import type { Exercise } from './exercise.ts';
import type { Speed } from './speed.ts';
import type { Step } from './stepper.ts';
import type { Walk } from './walk.ts';

/** Findings that are told; those behind them mostly come of the first. */
const MOST_FINDINGS = 3;

/** A check in lines of text. */
export function checkReport(exercise: Exercise, { right, findings, notes, speed }: CheckResult): string[] {
  const lines: string[] = [];
  const told = new Set<string>();
  for (const { text, details, meaning } of findings.slice(0, MOST_FINDINGS)) {
    lines.push(text, ...details.map((detail) => `  ${detail}`));
    if (meaning !== undefined && !told.has(meaning)) lines.push(`  What this usually means: ${meaning}`);
    if (meaning !== undefined) told.add(meaning);
  }
  if (findings.length > MOST_FINDINGS) lines.push(`There is more; mend this first.`);
  if (right) lines.push(`'${exercise.name}' is right.`);
  lines.push(...notes.map((note) => `  ${note}`));
  if (speed) lines.push(...speedLines(speed));
  if (right) lines.push(`Read next: ${exercise.next}.`);
  else if (
    exercise.small &&
    !findings.some(({ kind }) => kind === 'compile' || kind === 'interface' || kind === 'adapter')
  ) {
    lines.push(`To see one invocation at work: npx wgrad learn step ${exercise.name} --invocation 0,0,0`);
  }
  return lines;
}

const round = (value: number, digits = 3) => String(Number(value.toPrecision(digits)));

function speedLines({ title, ms, gflops, gbps, house }: Speed): string[] {
  const rate = gflops === undefined ? `${round(gbps)} GB/s` : `${round(gflops)} GFLOP/s`;
  return [
    `Speed on ${title}: ${round(ms)} ms, ${rate}.`,
    ...house.map(
      (other) =>
        `  The engine's ${other.name}: ${round(other.ms)} ms; yours takes ${round(ms / other.ms, 2)} times as long.`,
    ),
  ];
}

const digits = (value: number) => String(Number(value.toPrecision(7)));
const vector = (value: readonly number[]) =>
  value.length === 1 ? digits(value[0]) : `(${value.map(digits).join(', ')})`;

/** Numbers of a vector; of more than these the array is told by its changed elements. */
const VECTOR = 4;

/** What a statement read, wrote and changed, in words. */
function effects({ accesses, changed }: Step): string {
  const reads = accesses
    .filter(({ kind }) => kind === 'read')
    .map(({ array, element, value }) => `${array}[${element}] is ${vector(value)}`);
  const writes = accesses
    .filter(({ kind }) => kind === 'write')
    .map(({ array, element, value }) => `${array}[${element}] = ${vector(value)}`);
  const variables = changed.map(({ name, before, value }) => {
    if (value.length <= VECTOR) return `${name} = ${vector(value)}`;
    const moved = value.flatMap((one, i) =>
      Object.is(one, before?.[i]) ? [] : [`${name}, number ${i} = ${digits(one)}`],
    );
    return before === undefined ? `${name}: ${value.length} numbers` : moved.slice(0, VECTOR).join(', ');
  });
  return [...new Set(reads), ...writes, ...variables].join('; ');
}

/** A walk in lines of text. lines: most statements to show; of more the middle is left out. */
export function walkReport(wgsl: string, { title, steps, written }: Walk, lines = Number.POSITIVE_INFINITY): string[] {
  const source = wgsl.split('\n');
  const shown = steps
    .map((step) => ({ line: step.line, text: effects(step) }))
    // A barrier takes two steps of the stepper.
    .filter(({ line, text }, i, all) => text !== '' || all[i + 1]?.line !== line);
  const told = shown.map(({ line, text }) => {
    const code = (source[line - 1] ?? '').trim().replace(/\s*\/\/.*$/, '');
    return `${String(line).padStart(4)}  ${code}${text === '' ? '' : `\n        ${text}`}`;
  });
  const half = Math.floor(lines / 2);
  const left = told.length - 2 * half;
  const body =
    left > 0
      ? [...told.slice(0, half), `      … ${left} statements are left out (--all shows them) …`, ...told.slice(-half)]
      : told;
  const end = written.map(({ name, stepped, gpu, equal }) =>
    equal
      ? `${name}: ${digits(stepped)} by these steps, ${digits(gpu)} on the GPU: equal within float32.`
      : `${name}: ${digits(stepped)} by these steps, but ${digits(gpu)} on the GPU. Several invocations may write it, or a race decides.`,
  );
  return [
    `The small case: ${title}.`,
    ...body.flatMap((told) => told.split('\n')),
    ...(end.length > 0 ? end : ['This invocation writes nothing.']),
  ];
}
