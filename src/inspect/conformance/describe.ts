import { type KnownFaults, SHAPE_CLASSES } from '../../runtime/rungs.ts';
import type { FailedResult } from './verdicts.ts';

/** What the errors of a report are measured in. */
export const ERROR_UNITS =
  'Errors are in units of what float32 allows for the sum: up to 1 is right. Each result was computed twice.';

/** A wrong result in words. */
export function failedText({
  case: name,
  output,
  rung,
  elements,
  error,
  worst,
  repeats,
  problem,
}: FailedResult): string {
  const where = `${name}: ${output}${rung === null ? '' : `, ${rung} rung`} (${elements} elements)`;
  if (problem !== null) return `${where}: ${problem}`;
  if (!repeats) return `${where}: a second run gave other bits`;
  const off = error === null ? 'beyond any bound' : `${error.toFixed(1)} times what float32 allows`;
  const element = worst && `; element ${worst.index} is ${worst.found} and must be ${worst.expected}`;
  return `${where}: ${off}${element ?? ''}`;
}

/** What is not to be used any more, a line each. */
export function avoidedText(faults: KnownFaults): string[] {
  const rungs = SHAPE_CLASSES.flatMap((name) => {
    const wrong = faults.rungs[name];
    return wrong ? [`${name}: not the ${wrong.join(' nor the ')} rung`] : [];
  });
  return [...rungs, ...faults.shaders.map((shader) => `${shader}: refused, as it has no other version`)];
}
