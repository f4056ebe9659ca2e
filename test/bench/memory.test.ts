import { describe, expect, it } from 'vitest';
import { activationBytes, describeMemory, measureMemory } from '../../bench/memory.ts';
import { CustomCNN, openDevice } from '../../src/node.ts';

describe('the memory of a training step', () => {
  it('is at most 1.3 times what the arithmetic says', async () => {
    const gpu = await openDevice();
    try {
      const row = await measureMemory(gpu, 16, 1 / 4);
      expect(row.ratio).toBeLessThan(1.3);
      // Less than what it cannot do without would be a wrong account.
      expect(row.ratio).toBeGreaterThan(1);
      expect(row.parameters).toBe(
        4 * new CustomCNN(gpu, { width: 1 / 4 }).parameters().reduce((sum, p) => sum + p.size, 0),
      );
      expect([row.gradients, row.optimizer]).toEqual([row.parameters, 2 * row.parameters]);
      expect(describeMemory(row)).toMatch(/^Memory, CustomCNN width 0.25, batch 16: at most [\d.]+ MB = 1\.[012]\d × /);
    } finally {
      gpu.close();
    }
  });

  it('counts the activations by hand', async () => {
    const gpu = await openDevice();
    try {
      const block = (pixels: number, from: number, to: number) => pixels * (from + 3 * to);
      // Inputs of two convolutions and of two batch norms.
      const blocks = block(1024, 3, 64) + block(256, 64, 128) + block(64, 128, 256) + block(16, 256, 512);
      const winners = 256 * 64 + 64 * 128 + 16 * 256;
      const classifier = 512 + 256;
      expect(activationBytes(new CustomCNN(gpu), [1, 32, 32, 3])).toBe(4 * (blocks + classifier) + winners);
    } finally {
      gpu.close();
    }
  });
});
