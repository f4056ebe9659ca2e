import { describe, expect, it } from 'vitest';
import { LADDER_NAMES, type LadderName } from '../../../src/inspect/ladder/ladders.ts';
import { runLadder } from '../../../src/inspect/ladder/run_ladder.ts';
import { readShader } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';

const held = useGpu({ fences: false });
const run = (name: LadderName, sizes: readonly number[]) =>
  runLadder(held.gpu, name, { sizes, runs: 1, shaders: readShader });

/** Sizes at which the rungs can run, and the shaders that they run there. */
const CASES: [LadderName, number[], string[]][] = [
  ['matmul', [132, 260, 260], ['matmul_naive', 'matmul_tiled', 'matmul_blocked', 'matmul_subgroup']],
  [
    ...(['conv2d', [2, 7, 8, 12, 3, 1]] as [LadderName, number[]]),
    ['conv2d_naive', 'conv2d_tiled', 'conv2d_blocked', 'conv2d_subgroup', 'winograd_input'],
  ],
  ['conv2d', [2, 8, 3, 12, 3, 2], ['conv2d_naive', 'conv2d_tiled', 'conv2d_subgroup_scalar']],
  ['conv2d', [3, 6, 8, 12, 1, 1], ['conv2d_naive', 'matmul_tiled', 'matmul_blocked', 'matmul_subgroup']],
  [
    ...(['conv2d-input-grad', [2, 7, 8, 12, 3, 1]] as [LadderName, number[]]),
    [
      ...['conv2d_input_grad_naive', 'conv2d_input_grad_tiled', 'conv2d_input_grad_blocked'],
      ...['conv2d_subgroup', 'winograd_input'],
    ],
  ],
  [
    ...(['conv2d-input-grad', [2, 7, 8, 12, 3, 2]] as [LadderName, number[]]),
    ['conv2d_input_grad_naive', 'conv2d_input_grad_tiled', 'conv2d_input_grad_blocked', 'conv2d_input_grad_subgroup'],
  ],
  [
    ...(['conv2d-weight-grad', [2, 7, 16, 12, 3, 1]] as [LadderName, number[]]),
    [
      ...['conv2d_weight_grad_naive', 'conv2d_weight_grad_tiled', 'conv2d_weight_grad_blocked'],
      ...['conv2d_weight_grad_subgroup_row', 'winograd_input'],
    ],
  ],
  [
    ...(['conv2d-weight-grad', [2, 7, 8, 12, 3, 2]] as [LadderName, number[]]),
    [
      'conv2d_weight_grad_naive',
      'conv2d_weight_grad_tiled',
      'conv2d_weight_grad_blocked',
      'conv2d_weight_grad_subgroup',
    ],
  ],
  [
    ...(['conv2d-weight-grad', [2, 7, 3, 12, 3, 1]] as [LadderName, number[]]),
    ['conv2d_weight_grad_naive', 'conv2d_weight_grad_tiled', 'conv2d_weight_grad_subgroup_scalar'],
  ],
  ['batch-norm', [3, 5, 8], ['batch_norm_naive', 'batch_norm_stats', 'batch_norm_stats']],
  ['softmax', [70, 7], ['softmax_naive', 'softmax']],
];

describe('runLadder', () => {
  it('has a case for each kernel', () => {
    expect(new Set(CASES.map(([name]) => name))).toEqual(new Set(LADDER_NAMES));
  });

  it.each(CASES)(
    '%s %j: all rungs agree, each with its paragraph, and none is above the peak',
    async (name, sizes, shaders) => {
      const before = held.gpu.memory.liveBytes;
      const { rungs, missing, correct, float64Error, allowed, peakGflops, copyGbps } = await run(name, sizes);
      // The blocked rung loads channels four at a time.
      const few = shaders.some((shader) => shader.endsWith('_scalar'));
      const found = rungs.map(({ shader }) => shader);
      expect([missing, correct, found]).toEqual([few ? ['blocked'] : [], true, shaders]);
      expect(float64Error).toBeLessThanOrEqual(allowed);
      expect(allowed).toBeLessThan(2e-5);
      expect(copyGbps).toBeGreaterThan(0);
      expect(rungs[0]).toMatchObject({ name: 'naive', vsNaive: 1, error: 0 });
      for (const { ms, gflops, gbps, shareOfPeak, loads, paragraph, error } of rungs) {
        expect(ms).toBeGreaterThan(0);
        expect(gbps).toBeGreaterThan(0);
        expect(gflops).toBeLessThan(peakGflops);
        expect(shareOfPeak).toBeCloseTo(gflops / peakGflops, 12);
        expect(loads.buffer).toBeGreaterThan(0);
        expect(loads.buffer).toBeLessThanOrEqual(rungs[0].loads.buffer);
        expect(paragraph.length).toBeGreaterThan(150);
        expect(error).toBeLessThanOrEqual(allowed);
      }
      expect(rungs.filter(({ taken }) => taken).map((rung) => rung.name)).toHaveLength(1);
      expect(held.gpu.forcedRung).toBeUndefined();
      expect(held.gpu.memory.liveBytes).toBe(before);
    },
  );

  it('says which rungs the sizes do not allow', async () => {
    const { rungs, missing } = await run('matmul', [5, 7, 3]);
    expect([rungs.map(({ name }) => name), missing]).toEqual([['naive'], ['tiled', 'blocked', 'subgroup']]);
    const { rungs: scalar } = await run('batch-norm', [2, 3, 5]);
    expect(scalar.map(({ name }) => name)).toEqual(['naive', 'slices']);
  });

  const row = ['softmax', 'exp(x[first + c] - largest) / sum', 'exp(x[first + c] - largest)'];
  const naive = ['softmax_naive', 'exp(x[i] - largest) / sum', 'exp(x[i] - largest)'];
  it.each([[[row]], [[naive]], [[row, naive]]])(
    'finds rungs that are wrong, be it all of them alike: %j',
    async (edits) => {
      const { gpu } = held;
      for (const [shader, right, wrong] of edits) {
        expect(readShader(shader)).toContain(right);
        await gpu.addShader(shader, readShader(shader).replace(right, wrong), { replace: true });
      }
      try {
        expect((await run('softmax', [70, 7])).correct).toBe(false);
      } finally {
        for (const [shader] of edits) await gpu.addShader(shader, readShader(shader), { replace: true });
      }
    },
  );
});
