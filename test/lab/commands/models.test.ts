import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModels } from '../../../src/lab/commands/models.ts';
import { openNullDevice } from '../../../src/node.ts';
import type { Gpu } from '../../../src/runtime/gpu.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openNullDevice();
});
afterAll(() => gpu.close());

describe('describeModels', () => {
  it("gives the lab's parameter counts, and FLOPs of one image", () => {
    const models = describeModels(gpu, 1);
    const parameters = Object.fromEntries(models.map((model) => [model.name, model.parameters]));
    expect(parameters).toEqual({
      'custom-cnn': 4_823_114,
      resnet18: 11_173_962,
      resnet34: 21_282_122,
      resnet20: 269_722,
      resnet32: 464_154,
      resnet44: 658_586,
      resnet56: 853_018,
      resnet110: 1_727_962,
      'efficientnet-b0': 4_020_358,
    });
    for (const { flops, input } of models) {
      expect(flops).toBeGreaterThan(1e7);
      expect(input).toEqual([32, 32, 3]);
    }
    // Nineteen convolutions and the last layer: 40.55 M multiply-adds (He et al. give 41 M).
    expect(models.find(({ name }) => name === 'resnet20')?.flops).toBe(2 * 40_551_040);
  });

  it('goes by the width', () => {
    const [narrow] = describeModels(gpu, 0.25);
    const [half] = describeModels(gpu, 0.5);
    // Parameters go with the square of the width, but for the first and the last layer.
    expect(half.parameters / narrow.parameters).toBeGreaterThan(3.8);
    expect(half.parameters / narrow.parameters).toBeLessThan(4);
  });
});
