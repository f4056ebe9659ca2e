import { afterEach, describe, expect, it } from 'vitest';
import { WINOGRAD } from '../../src/inspect/conformance/cases/winograd.ts';
import { isRight, runKernelCase } from '../../src/inspect/conformance/run_kernel_case.ts';
import { tilingOf } from '../../src/kernels/winograd.ts';
import { NO_FAULTS } from '../../src/runtime/rungs.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

afterEach(() => {
  held.gpu.knownFaults = NO_FAULTS;
});

checkFamily(WINOGRAD, held);

describe('the cases', () => {
  it.each(WINOGRAD.cases.slice(0, 8))('take the rung in each pass: $name', async (one) => {
    const outputs = await runKernelCase(held.gpu, one, ['winograd']);
    expect(outputs.map(({ choices: [[, rung]] }) => rung)).toEqual(['winograd', 'winograd', 'winograd', 'winograd']);
  });

  it.each(WINOGRAD.cases.slice(0, 4))('are right without subgroups too: $name', async (one) => {
    const classes = ['matmul', 'matmul-narrow', 'conv2d-weight-grad', 'conv2d-weight-grad-narrow'];
    held.gpu.knownFaults = { ...NO_FAULTS, rungs: Object.fromEntries(classes.map((name) => [name, ['subgroup']])) };
    const outputs = await runKernelCase(held.gpu, one, ['winograd']);
    expect(outputs.filter((output) => !isRight(output))).toEqual([]);
    for (const { shaders } of outputs) expect(shaders).toContain('batched_matmul');
  });
});

it('cuts outputs into the tiles that leave fewer products, and into the smaller ones where as many', () => {
  const sides = [1, 2, 3, 4, 5, 6, 7, 8].map((size) => tilingOf({ n: 1, oh: size, ow: size }).side);
  expect(sides).toEqual([2, 2, 4, 4, 2, 2, 4, 4]);
  expect(tilingOf({ n: 3, oh: 7, ow: 9 })).toEqual({ side: 4, places: 36, down: 2, across: 3, tiles: 18 });
});
