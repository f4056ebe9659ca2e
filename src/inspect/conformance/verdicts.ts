import type { RungName } from '../../runtime/rungs.ts';
import { blamedShaders } from './blame.ts';
import { type CheckedOutput, isRight, type WorstElement } from './run_kernel_case.ts';

/** A result that came out wrong. */
export interface FailedResult {
  case: string;
  output: string;
  rung: RungName | null;
  elements: number;
  /** In units of what float32 allows; null where it is infinite or no number. */
  error: number | null;
  worst: WorstElement | null;
  repeats: boolean;
  problem: string | null;
}

/** How a shader did. */
export interface KernelVerdict {
  /** Its file in shaders/, without the ending; what no shader is known of stands under 'unknown'. */
  shader: string;
  passed: boolean;
  /** Results that it had a part in, and those of them that it is blamed for. */
  results: number;
  wrong: number;
  /** Largest error of the results that are right, in units of what float32 allows. */
  error: number;
  /** The smallest of the wrong ones; null where there are none. */
  smallest: FailedResult | null;
}

function failed(output: CheckedOutput): FailedResult {
  const { case: name, output: result, rung, elements, error, worst, repeats, problem } = output;
  return {
    ...{ case: name, output: result, rung: rung ?? null, elements, repeats },
    ...{ error: Number.isFinite(error) ? error : null, worst: worst ?? null, problem: problem ?? null },
  };
}

/** A verdict for each shader, by name. */
export function kernelVerdicts(outputs: readonly CheckedOutput[]): KernelVerdict[] {
  const blamed = new Set(blamedShaders(outputs));
  const verdicts = new Map<string, KernelVerdict>();
  for (const output of outputs) {
    const right = isRight(output);
    for (const shader of output.shaders.length > 0 ? output.shaders : right ? [] : ['unknown']) {
      const verdict = verdicts.get(shader) ?? { shader, passed: true, results: 0, wrong: 0, error: 0, smallest: null };
      verdicts.set(shader, verdict);
      verdict.results++;
      if (right) verdict.error = Math.max(verdict.error, output.error);
      else if (blamed.has(shader) || shader === 'unknown') {
        verdict.passed = false;
        verdict.wrong++;
        const { smallest } = verdict;
        if (smallest === null || output.elements < smallest.elements) verdict.smallest = failed(output);
      }
    }
  }
  return [...verdicts.values()].sort((a, b) => (a.shader < b.shader ? -1 : 1));
}
