import { expect, it } from 'vitest';
import type { ConformanceReport } from '../../../src/inspect/conformance/conformance.ts';
import { adapterFile, describeConformance } from '../../../src/lab/commands/conformance_text.ts';

const adapter = {
  ...{ vendor: 'mesa', architecture: '', device: '', description: 'llvmpipe (LLVM 15.0.6, 256 bits)', software: true },
  subgroupSizes: [8, 8] as const,
};
const right: ConformanceReport = {
  ...{ schema: 1, passed: true, quick: true, adapter, arrayBytes: 2 ** 27, rungs: ['subgroup', 'naive'], results: 40 },
  seconds: 31,
  kernels: [{ shader: 'add', passed: true, results: 40, wrong: 0, error: 0.25, smallest: null }],
  gradients: [{ name: 'relu', passed: true, error: 0.1, detail: '' }],
  steps: [{ name: 'custom-cnn', passed: true, error: 0.3, detail: 'farthest off: the loss' }],
  limits: [{ name: 'the largest array', passed: true, error: null, detail: '128 MiB of the 128 MiB that it states' }],
  faults: { rungs: {}, shaders: [] },
};

it('names a file by the adapter', () => {
  expect(adapterFile(adapter)).toBe('llvmpipe-llvm-15-0-6-256-bits');
  expect(adapterFile({ ...adapter, description: '', vendor: 'apple' })).toBe('apple');
});

it('tells what was found right', () => {
  const text = describeConformance(right);
  expect(text).toMatch(/add\W+40\W+0\.25\W+right/);
  expect(text).toContain('Gradients: 1 of 1 right, the farthest at 0.10 of what is allowed.');
  expect(text).toContain(
    'llvmpipe (LLVM 15.0.6, 256 bits): 40 results of 1 kernels (rungs: subgroup, naive) in 31 s, a quick look.\nIt computes rightly.',
  );
  expect(text).not.toContain('Not used');
});

it('tells what is wrong by its smallest case, and what is avoided', () => {
  const failed = { case: '1×1', output: 'y', elements: 12, error: 70.25, repeats: true, problem: null };
  const smallest = { ...failed, rung: 'tiled' as const, worst: { index: 3, found: 1, expected: 2 } };
  const text = describeConformance({
    ...right,
    passed: false,
    kernels: [
      { shader: 'conv2d_tiled', passed: false, results: 9, wrong: 2, error: 0.1, smallest },
      {
        shader: 'fill',
        passed: false,
        results: 1,
        wrong: 1,
        error: 0,
        smallest: { ...failed, rung: null, worst: null, repeats: false },
      },
    ],
    gradients: [{ name: 'conv2d', passed: false, error: 8, detail: 'the gradient of x is wrong in 3 of 64 elements' }],
    limits: [
      { name: 'the largest array', passed: false, error: null, detail: 'The GPU reports: no.\n - While calling that' },
    ],
    faults: { rungs: { conv2d: ['tiled', 'subgroup'] }, shaders: ['fill'] },
  });
  expect(text).toMatch(/the largest array\W+WRONG\W+The GPU reports: no\. /);
  expect(text).not.toContain('While calling');
  expect(text).toContain('WRONG in 2');
  expect(text).toContain(
    'conv2d_tiled: 1×1: y, tiled rung (12 elements): 70.3 times what float32 allows; element 3 is 1 and must be 2',
  );
  expect(text).toContain('fill: 1×1: y (12 elements): a second run gave other bits');
  expect(text).toContain('the gradient of x is wrong in 3 of 64 elements');
  expect(text).toContain('conv2d: not the tiled nor the subgroup rung\n  fill: refused, as it has no other version');
  expect(text).toContain('It does NOT compute rightly.');
});
