import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tryKernel } from '../../src/inspect/kernel_trial.ts';
import { Adam, createModel, downloadTensors } from '../../src/node.ts';
import { trainingStep } from '../../src/train/training_step.ts';
import { useGpu } from '../gpu.ts';
import { smallTask } from './recorded.ts';

const held = useGpu();
const text = (name: string) => readFileSync(new URL(`../../shaders/${name}.wgsl`, import.meta.url), 'utf8');

function trial(shader: string, wgsl: string) {
  const model = createModel(held.gpu, 'custom-cnn', { width: 1 / 16, imageSize: 8 });
  const task = smallTask(held.gpu, model, new Adam(model.parameters(), { lr: 0.01 }), [3, 8, 8, 3]);
  const { gpu, optimizer } = task;
  const step = () => trainingStep(task, new Uint32Array(0), 0);
  return { task, model, tried: tryKernel({ gpu, model, optimizer, step, shader, wgsl }) };
}

/** The shader by which the adapter computes the second convolution and those after it. */
const CONV = 'conv2d_subgroup';

describe('tryKernel', () => {
  it('finds the same kernel right, and tells both times', async () => {
    const { tried } = trial(CONV, `${text(CONV)}// a remark\n`);
    const { right, calls, arrays, originalMs, trialMs } = await tried;
    expect(right).toBe(true);
    expect(calls).toBeGreaterThan(3);
    expect(arrays.length).toBe(Math.min(calls, 8));
    for (const { binding, elements, largestDifference } of arrays) {
      expect([binding, largestDifference]).toEqual(['y', 0]);
      expect(elements).toBeGreaterThan(0);
    }
    expect(originalMs).toBeGreaterThan(0);
    expect(trialMs).toBeGreaterThan(0);
  });

  it('finds a wrong one, with its first wrong element', async () => {
    const wrong = text('relu').replace(/^( +y\[i\] = )/m, '$1 0.5 * ');
    expect(wrong).not.toBe(text('relu'));
    const { right, arrays } = await trial('relu', wrong).tried;
    expect(right).toBe(false);
    const bad = arrays.find((array) => array.wrong > 0);
    expect(bad?.firstWrong?.found).toBeCloseTo(0.5 * (bad?.firstWrong?.expected ?? 0), 5);
  });

  it('compares what a kernel changes in place from the same numbers', async () => {
    const { right, arrays } = await trial('adam', text('adam')).tried;
    expect(right).toBe(true);
    expect(new Set(arrays.map(({ binding }) => binding))).toEqual(new Set(['parameter', 'moment1', 'moment2']));
    const slow = text('adam').replace('params.step_size', '0.9 * params.step_size');
    expect(slow).not.toBe(text('adam'));
    expect((await trial('adam', slow).tried).right).toBe(false);
  });

  it('leaves the training where it was, and the device’s own kernel at work', async () => {
    const { task, model, tried } = trial('relu', text('relu').replace(/^( +y\[i\] = )/m, '$1 0.5 * '));
    const before = await downloadTensors(model.stateDict());
    await tried;
    expect(await downloadTensors(model.stateDict())).toEqual(before);
    expect(Object.hasOwn(task.gpu, 'dispatch')).toBe(false);
    expect(task.optimizer.stateDict().tensors.size).toBe(0);
  });

  it('says what does not compile by line and column, and what must stay', async () => {
    await expect(trial('relu', text('relu').replace(/^( +y\[i\] = )/m, '$1 most * ')).tried).rejects.toThrow(
      /^relu\.wgsl:\d+:\d+: .*most/,
    );
    await expect(trial('relu', text('relu').replace(/\by(?=\[i|:)/g, 'out')).tried).rejects.toThrow(
      'relu.wgsl must keep its bindings: ',
    );
  });
});
