import { describe, expect, it } from 'vitest';
import { WINOGRAD } from '../../src/inspect/conformance/cases/winograd.ts';
import { runKernelCase } from '../../src/inspect/conformance/run_kernel_case.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(WINOGRAD, held);

describe('the cases', () => {
  it.each(WINOGRAD.cases)('take the rung in each pass: $name', async (one) => {
    const outputs = await runKernelCase(held.gpu, one, ['winograd']);
    expect(outputs.map(({ choices: [[, rung]] }) => rung)).toEqual(['winograd', 'winograd', 'winograd', 'winograd']);
  });
});
