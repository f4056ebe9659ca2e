import { expect, it } from 'vitest';
import { benchmarkAdapter } from '../../../src/inspect/benchmark/adapter_benchmark.ts';
import { adapterRow, describeBenchmark } from '../../../src/lab/commands/benchmark.ts';
import { openDevice, readShader } from '../../../src/node.ts';

it('measures kernels, steps and dispatches, and tells them', async () => {
  const work = { nets: ['custom-cnn'], width: 1 / 16, batches: [2, 4], kernels: ['softmax'], samples: 1 } as const;
  const shares: number[] = [];
  const report = await benchmarkAdapter({
    ...{ open: openDevice, shaders: readShader, work },
    onProgress: (share) => shares.push(share),
  });
  expect(shares).toEqual([0, 1 / 4, 2 / 4, 3 / 4, 1]);
  expect(report.kernels).toHaveLength(1);
  const [{ gflops, shareOfPeak }] = report.kernels;
  expect(gflops).toBeGreaterThan(0);
  expect(shareOfPeak).toBeCloseTo(gflops / report.peakGflops, 9);
  expect(report.trainings.map(({ batch }) => batch)).toEqual([2, 4]);
  for (const { firstStepMs, msPerStep, imagesPerSecond, batch } of report.trainings) {
    expect(firstStepMs).toBeGreaterThan(0);
    expect(imagesPerSecond).toBeCloseTo((1000 * batch) / msPerStep, 9);
  }
  expect(report.dispatchUs.alone).toBeGreaterThan(report.dispatchUs.together);
  const text = describeBenchmark(report, '2026-01-02');
  expect(text).toContain('GFLOP/s of fused multiply-adds in registers');
  expect(text.split('\n').at(-1)).toBe(adapterRow(report, '2026-01-02'));
  // As many cells as the table in docs/benchmarks.md has, of one network in the place of three.
  expect(adapterRow(report, '2026-01-02').split(' | ')).toHaveLength(8);
});
