import { describe, expect, it } from 'vitest';
import { type KernelFamily, rungsOfCase } from '../../src/inspect/conformance/kernel_case.ts';
import { type CheckedOutput, isRight, runKernelCase } from '../../src/inspect/conformance/run_kernel_case.ts';
import type { Gpu } from '../../src/node.ts';

/** A result in words. */
const line = ({ output, rung, error, worst, repeats, problem }: CheckedOutput) =>
  `${output}${rung ? `, ${rung} rung` : ''}: ${error} of the bound, ${JSON.stringify(worst)}, ${repeats ? 'the same' : 'other'} bits again${problem ? `, ${problem}` : ''}`;

/** Tests the cases of a family, which `wgrad verify` runs too, on every rung. */
export function checkFamily(family: KernelFamily, held: { readonly gpu: Gpu }): void {
  describe(`${family.kernels} against float64, the same bits each time`, () => {
    it.each(family.cases)('$name', async (one) => {
      const rungs = rungsOfCase(held.gpu, family, one);
      const outputs = await runKernelCase(held.gpu, one, rungs);
      expect(outputs.length).toBeGreaterThanOrEqual(rungs.length);
      expect(outputs.filter((output) => !isRight(output)).map(line)).toEqual([]);
    });
  });
}
